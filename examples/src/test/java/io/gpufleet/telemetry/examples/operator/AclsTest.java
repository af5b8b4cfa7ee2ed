package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestCertificates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rights of each role are sufficient at a broker with ACLs, and necessary. */
@TelemetryStackTest
final class AclsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PASSWORD = "p4ssword";
    private static final String OWNER = "owner";
    private static final String TOPIC = "guarded";
    private static final Pattern LINE = Pattern.compile(
            "kafka-acls\\.sh --bootstrap-server \\S+ --add --allow-principal (\\S+)((?: --operation \\w+)+) --(topic|group) (\\S+)");
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(4)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(20);

    private static TestCertificates authority;
    private static KafkaBroker broker;
    private static PostgresDatabase database;

    @BeforeAll
    static void start(TelemetryStack stack) {
        authority = TestCertificates.create();
        KafkaBroker.Builder builder = KafkaBroker.builder()
                .tls(authority.issue("localhost"))
                .setting("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .setting("super.users", "User:ANONYMOUS;User:" + OWNER);
        for (String user : List.of(OWNER, "agent", "consumer", "installer", "operator")) {
            builder.scram(user, PASSWORD);
        }
        broker = builder.start();
        broker.createTopic(TOPIC, 1);
        broker.publish(TOPIC, FLEET);
        database = stack.newDatabase();
        TelemetrySchema.create(database.dataSource()).install();
    }

    @AfterAll
    static void stop() {
        broker.close();
        authority.close();
    }

    private static Map<String, Object> client(String user) {
        return Map.of(
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "sasl.jaas.config",
                jaas(user),
                "ssl.truststore.type",
                "PKCS12",
                "ssl.truststore.location",
                authority.trustStore().toString(),
                "ssl.truststore.password",
                authority.storePassword());
    }

    private static String jaas(String user) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + PASSWORD + "\";";
    }

    /** Grants the rights in the printed lines. */
    private static void allow(String role, String topic) {
        List<String> command = new ArrayList<>(
                List.of("acls", "--role", role, "--principal", "User:" + role, "--topic", topic, "--group", "guards"));
        Map<String, Object> settings = new HashMap<>(client(OWNER));
        settings.put("bootstrap.servers", broker.bootstrapServers());
        try (Admin admin = Admin.create(settings)) {
            List<AclBinding> bindings = OperatorRun.of(command.toArray(String[]::new))
                    .answer()
                    .lines()
                    .flatMap(line -> bindings(line).stream())
                    .toList();
            admin.createAcls(bindings).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<AclBinding> bindings(String line) {
        Matcher words = LINE.matcher(line);
        assertThat(words.matches()).as(line).isTrue();
        ResourceType type = ResourceType.valueOf(words.group(3).toUpperCase(Locale.ROOT));
        ResourcePattern resource = new ResourcePattern(type, words.group(4), PatternType.LITERAL);
        return Pattern.compile("--operation (\\w+)")
                .matcher(words.group(2))
                .results()
                .map(operation -> operation(operation.group(1)))
                .map(operation -> new AclBinding(
                        resource, new AccessControlEntry(words.group(1), "*", operation, AclPermissionType.ALLOW)))
                .toList();
    }

    /** Kafka's tool spells it {@code DescribeConfigs}, its classes {@code DESCRIBE_CONFIGS}. */
    private static AclOperation operation(String name) {
        return AclOperation.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    @Test
    void agent_publishes() {
        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                        BincodeHeartbeatCodec.fixed(), broker.bootstrapServers())
                .topic(TOPIC)
                .overrides(client("agent"))
                .build()) {
            FleetRecord first = FLEET.get(0);
            assertThatThrownBy(() ->
                            publisher.send(first.heartbeat(), first.timestamp()).join())
                    .hasMessageContaining("Not authorized to access topics");
        }

        allow("agent", TOPIC);

        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                        BincodeHeartbeatCodec.fixed(), broker.bootstrapServers())
                .topic(TOPIC)
                .overrides(client("agent"))
                .build()) {
            FleetRecord first = FLEET.get(0);
            publisher.send(first.heartbeat(), first.timestamp()).join();
        }
    }

    private static BatchingConsumer consume() {
        return HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database.dataSource()))
                .bootstrapServers(broker.bootstrapServers())
                .overrides(client("consumer"))
                .topics(TOPIC)
                .groupId("guards")
                .start();
    }

    @Test
    void consumer_consumes_andTheOperatorLooks() {
        assertThatThrownBy(AclsTest::consume)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("do not allow it: Cannot describe topic " + TOPIC);

        allow("consumer", TOPIC);

        try (BatchingConsumer consumer = consume()) {
            Await.until(
                    "the heartbeats are stored",
                    LIMIT,
                    () -> consumer.snapshot().counts().deliveriesWritten(),
                    written -> written >= FLEET.size());

            assertThat(status().code()).as("without rights").isEqualTo(ExitCodes.NOT_SO);
            allow("operator", TOPIC);
            OperatorRun status = status();
            assertThat(status.code()).as(status.out()).isEqualTo(ExitCodes.OK);
        }
    }

    private static OperatorRun status() {
        List<String> command = new ArrayList<>(List.of(
                "status",
                "--json",
                "--database-url",
                database.jdbcUrl(),
                "--bootstrap-server",
                broker.bootstrapServers()));
        client("operator").forEach((name, value) -> command.addAll(List.of("--client-property", name + "=" + value)));
        return OperatorRun.of(command.toArray(String[]::new));
    }

    @Test
    void installer_createsTheTopic_andNoOther() {
        TopicInstaller.Builder made =
                TopicInstaller.builder(broker.bootstrapServers(), "made").overrides(client("installer"));
        assertThatThrownBy(made::install).hasMessageContaining("uthoriz");

        allow("installer", "made");

        made.install();
    }

    @Test
    void role_thatIsNone_isNamed() {
        assertThat(OperatorRun.of("acls", "--role", "agent", "--principal", "fleet")
                        .answer())
                .isEqualTo(OperatorRun.of("acls", "--role", "agent", "--principal", "User:fleet")
                        .answer())
                .contains("--allow-principal User:fleet ");
        OperatorRun.of("acls", "--role", "king", "--principal", "User:x").assertRefused(ExitCodes.USAGE, "king");
    }
}
