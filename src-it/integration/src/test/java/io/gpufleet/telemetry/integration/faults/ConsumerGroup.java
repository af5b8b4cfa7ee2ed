package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The consumers of one group, each in its own JVM. Belongs to the thread of the test. */
final class ConsumerGroup implements AutoCloseable {
    private final Function<Consumer<AuditedConsumer>, AuditedConsumer.Builder> settings;
    private final Random random;
    private final List<AuditedConsumer> members = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    /**
     * Creates the group without members.
     *
     * @param settings builds a member, which its owner gets as soon as it is started
     */
    ConsumerGroup(Function<Consumer<AuditedConsumer>, AuditedConsumer.Builder> settings, Random random) {
        this.settings = settings;
        this.random = random;
    }

    AuditedConsumer start() throws IOException {
        return settings.apply(members::add).start();
    }

    /** Waits until all have started: a start that fails because of an outage is not repeated. */
    void awaitStart() {
        members.forEach(member -> member.await("started"));
    }

    List<AuditedConsumer> members() {
        return List.copyOf(members);
    }

    AuditedConsumer any() {
        return members.get(random.nextInt(members.size()));
    }

    /** Kills a member, after a check of its log so far. */
    void kill(AuditedConsumer member) throws IOException {
        members.remove(member);
        member.kill();
        complaints.addAll(LogStory.of(member).complaintsOfKilled());
        member.close();
    }

    /** Closes a member, and checks that it leaves nothing behind and has kept its budget. */
    void stop(AuditedConsumer member) throws IOException {
        members.remove(member);
        member.stop();
        String left = member.line(AuditedConsumer.LEFT_BEHIND);
        if (!left.equals("[]")) {
            complaints.add("threads are left of a consumer that has ended: " + left);
        }
        String[] buffered = member.line(AuditedConsumer.BUFFERED).split(" of ", -1);
        if (Long.parseLong(buffered[0]) > Long.parseLong(buffered[1])) {
            complaints.add("a consumer has buffered " + buffered[0] + " bytes of " + buffered[1]);
        }
        complaints.addAll(LogStory.of(member).complaintsOfEnded());
        member.close();
    }

    /** Returns whether a member has printed a line with this text. */
    boolean haveSaid(String text) {
        return members.stream().anyMatch(member -> member.hasPrinted(text));
    }

    /** Returns the number of lines of all members with this begin. */
    long count(String prefix) {
        return members.stream().mapToLong(member -> member.count(prefix)).sum();
    }

    /** Returns the forbidden actions of members, such as ending by themselves. */
    List<String> complaints() {
        List<String> all = new ArrayList<>(complaints);
        members.stream()
                .filter(member -> !member.isAlive())
                .forEach(member -> all.add("a consumer has ended by itself: " + member.lastWords()));
        return all;
    }

    /** Returns the last output of all members, for the report of a failure. */
    @Override
    public String toString() {
        return members.stream().map(AuditedConsumer::lastWords).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() throws IOException {
        for (AuditedConsumer member : members) {
            member.close();
        }
    }
}
