package io.gpufleet.telemetry.examples.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The use of a topic by a program, with the rights that it needs at the brokers. */
enum AclRole {
    /** An agent that publishes heartbeats. */
    AGENT {
        @Override
        List<Acl> acls(String topic, String group, Optional<String> letters) {
            return List.of(Acl.topic(topic, "Write", "Describe"));
        }
    },
    /** A consumer, with the topic of its dead letters if it has one. */
    CONSUMER {
        @Override
        List<Acl> acls(String topic, String group, Optional<String> letters) {
            List<Acl> acls = new ArrayList<>();
            acls.add(Acl.topic(topic, "Read", "Describe", "DescribeConfigs"));
            acls.add(Acl.group(group, "Read"));
            letters.ifPresent(name -> acls.add(Acl.topic(name, "Write", "Describe")));
            return acls;
        }
    },
    /** A program that creates the topic, as {@code TopicInstaller} does. */
    INSTALLER {
        @Override
        List<Acl> acls(String topic, String group, Optional<String> letters) {
            List<Acl> acls = new ArrayList<>();
            acls.add(Acl.topic(topic, "Create", "Describe", "DescribeConfigs"));
            letters.ifPresent(name -> acls.add(Acl.topic(name, "Create", "Describe", "DescribeConfigs")));
            return acls;
        }
    },
    /** An operator who reads groups and moves positions with these commands. */
    OPERATOR {
        @Override
        List<Acl> acls(String topic, String group, Optional<String> letters) {
            return List.of(Acl.topic(topic, "Describe"), Acl.group(group, "Describe"));
        }
    },
    /** An operator who sends dead letters back to their topic. */
    REPLAYER {
        @Override
        List<Acl> acls(String topic, String group, Optional<String> letters) {
            return List.of(Acl.topic(topic, "Write", "Describe"));
        }
    };

    /**
     * Rights on one topic or group. Immutable.
     *
     * @param resource {@code --topic} or {@code --group}
     * @param name which one
     * @param operations as Kafka names them
     */
    record Acl(String resource, String name, List<String> operations) {
        static Acl topic(String name, String... operations) {
            return new Acl("--topic", name, List.of(operations));
        }

        static Acl group(String name, String... operations) {
            return new Acl("--group", name, List.of(operations));
        }
    }

    /**
     * Returns the sufficient rights.
     *
     * @param topic the topic
     * @param group the consumer group
     * @param letters the topic of dead letters, if there is one
     */
    abstract List<Acl> acls(String topic, String group, Optional<String> letters);
}
