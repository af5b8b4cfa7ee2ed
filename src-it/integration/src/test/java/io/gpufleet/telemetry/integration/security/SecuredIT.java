package io.gpufleet.telemetry.integration.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * TLS and passwords, for the broker and the database: the right ones are accepted, the wrong ones cause a clear
 * one-line error.
 */
final class SecuredIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static SecuredServers servers;

    @BeforeAll
    static void start() {
        servers = new SecuredServers();
    }

    @AfterAll
    static void close() {
        if (servers != null) {
            servers.close();
        }
    }

    @Test
    void rightOnes_writeThroughOverTls() {
        servers.broker.createTopic("right", 1);
        FleetRecord record = FleetGenerator.builder().build().records(1).get(0);
        Heartbeat heartbeat = BincodeHeartbeatCodec.fixed().decode(record.value());
        long before = servers.heartbeats();
        try (BatchingConsumer consumer = servers.consumer("right").start();
                HeartbeatPublisher publisher = publisher("right")) {
            publisher.send(heartbeat, record.timestamp()).join();
            Await.until("the row", LIMIT, servers::heartbeats, rows -> rows == before + 1);
        }
        assertThat(servers.number("SELECT count(*) FROM consumer_offsets WHERE group_id = 'right'"))
                .isEqualTo(1);
    }

    private static HeartbeatPublisher publisher(String topic) {
        return HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), servers.broker.bootstrapServers())
                .topic(topic)
                .overrides(servers.client())
                .build();
    }

    @Test
    void session_isEncrypted() throws Exception {
        try (Connection connection = servers.source().getConnection()) {
            assertThat(servers.number("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                            + " WHERE usename = '" + SecuredServers.ROLE + "' AND ssl AND version LIKE 'TLSv1.%'"))
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM heartbeat",
                "DELETE FROM dead_letters",
                "DELETE FROM consumer_offsets",
                "UPDATE pipeline_consumer_configs SET max_poll_records = 1",
                "INSERT INTO pipeline_consumer_configs (service_name) VALUES ('other')",
                "UPDATE kafka_topics SET topic_name = 'other'",
                "CREATE TABLE other ()",
                "ALTER TABLE heartbeat RENAME TO other"
            })
    void consumersRole_canDoNoMore(String sql) throws Exception {
        assertForbidden(SecuredServers.ROLE, sql);
    }

    private static void assertForbidden(String role, String sql) throws SQLException {
        try (Connection connection = servers.sourceOf(role).getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refusal -> assertThat(refusal.getSQLState()).isEqualTo("42501"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM gpu_sample",
                "DELETE FROM gpu_metrics",
                "DELETE FROM gpu",
                "TRUNCATE gpu_mig_metrics",
                "UPDATE gpu_metric SET unit = 'other'",
                "INSERT INTO gpu_assets (gpu_uuid) VALUES ('GPU-0')",
                "SELECT count(*) FROM gpu_assets",
                "SELECT count(*) FROM heartbeat",
                "SELECT count(*) FROM pipeline_consumer_configs",
                "CREATE TABLE gpu_sample_20200101 PARTITION OF gpu_sample"
                        + " FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00')",
                "DROP TABLE gpu_sample"
            })
    void roleOfGpus_canDoNoMore(String sql) throws Exception {
        assertForbidden(SecuredServers.GPU_ROLE, sql);
    }

    @Test
    void roleOfGpus_storesSamplesAndRowsOfDaysThatExist() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(2)
                .migShare(0.5)
                .start(Instant.now().minusSeconds(60))
                .build();
        for (String table : List.of("gpu_sample", "gpu_metrics", "gpu_mig_metrics")) {
            servers.createDay(table, LocalDate.ofInstant(fleet.time(0, 0), ZoneOffset.UTC));
        }
        List<GpuFleetRecord> scrape = fleet.records(0, 0);
        servers.broker.createTopic("gpus", 1);
        servers.broker.publish("gpus", scrape);
        PostgresSink<GpuSample> sink = GpuMetricsSink.addTo(
                        GpuSampleSink.builder(servers.sourceOf(SecuredServers.GPU_ROLE)), WideRows.ofMessages())
                .build();
        try (BatchingConsumer consumer = GpuSampleConsumer.builder(ExpositionTextDecoder.create(), sink)
                .bootstrapServers(servers.broker.bootstrapServers())
                .overrides(servers.client())
                .topics("gpus")
                .groupId("gpus")
                .start()) {
            Await.until(
                    "the samples",
                    LIMIT,
                    () -> servers.number("SELECT count(*) FROM gpu_sample"),
                    stored -> stored
                            == scrape.stream()
                                    .mapToInt(record -> record.samples().size())
                                    .sum());
            assertThat(consumer.health().reasons()).isEmpty();
        }
        assertThat(servers.number("SELECT count(*) FROM gpu_metrics")).isEqualTo(2);
        assertThat(servers.number("SELECT count(*) FROM gpu_mig_metrics")).isPositive();
    }

    @Test
    void roleOfGpus_importsFiles(@TempDir Path directory) throws Exception {
        Instant time = Instant.parse("2026-03-01T12:00:00Z");
        servers.createDay("gpu_sample", LocalDate.ofInstant(time, ZoneOffset.UTC));
        Path file = Files.writeString(
                directory.resolve("a.csv"),
                "timestamp,metric_name,uuid,value\n" + time + ",DCGM_FI_DEV_GPU_TEMP,GPU-f,41\n");
        DataSource source = servers.sourceOf(SecuredServers.GPU_ROLE);
        SampleFiles files = SampleFiles.builder(source, GpuSampleSink.create(source), SampleCsvDecoder.create())
                .build();
        assertThat(files.importFrom(file).samples()).isEqualTo(1);
        assertThat(files.importFrom(file).rows()).isZero();
        assertThat(files.giveUp(file)).isEmpty();
        servers.execute("DELETE FROM gpu_sample WHERE ts = '" + time + "'");
    }

    /** Returns the rights of a role on each relation, by any grant, on a table or its columns. */
    private static final String RIGHTS = """
            SELECT c.relname || ': ' || string_agg(lower(p), ', ' ORDER BY p COLLATE "C")
            FROM pg_class AS c,
                unnest('{DELETE,INSERT,REFERENCES,SELECT,TRIGGER,TRUNCATE,UPDATE}'::text[]) AS p
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND (has_table_privilege('telemetry_writer', c.oid, p)
                    OR p IN ('INSERT', 'REFERENCES', 'SELECT', 'UPDATE')
                        AND has_any_column_privilege('telemetry_writer', c.oid, p))
            GROUP BY c.relname""";

    /**
     * Returns the rights of a role beside tables: to create objects, to be a member of a role, or to run as the owner.
     */
    private static final String FURTHER_RIGHTS = """
            SELECT 'creates in schema ' || nspname FROM pg_namespace
            WHERE has_schema_privilege('telemetry_writer', oid, 'CREATE')
            UNION ALL SELECT 'creates in the database'
            WHERE has_database_privilege('telemetry_writer', current_database(), 'CREATE')
            UNION ALL SELECT 'runs ' || proname || ' as its owner' FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace AND prosecdef
                AND has_function_privilege('telemetry_writer', oid, 'EXECUTE')
            UNION ALL SELECT 'is a member of ' || roleid::regrole FROM pg_auth_members
            WHERE member = 'telemetry_writer'::regrole
            UNION ALL SELECT 'has an attribute' FROM pg_roles
            WHERE rolname = 'telemetry_writer'
                AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)""";

    @Test
    void consumersRole_hasTheseRightsAndNoOthers() {
        assertThat(servers.rows(RIGHTS))
                .containsExactlyInAnyOrder(
                        "client_daily_stats: insert, select, update",
                        "consumer_lag_history: delete, insert, select, update",
                        "consumer_offsets: insert, select, update",
                        "consumer_processing_metrics: delete, insert, select, update",
                        "consumption_gaps: insert, select, update",
                        "dead_letters: insert, select, update",
                        "device_daily_stats: insert, select, update",
                        "device_info: delete, insert, select, update",
                        "heartbeat: insert, select, update",
                        "heartbeat_retention: insert, select, update",
                        "pipeline_consumer_configs: select",
                        "system_info: insert, select, update");
        assertThat(servers.rows(FURTHER_RIGHTS)).isEmpty();
    }

    @Test
    void roleOfGpus_hasTheseRightsAndNoOthers() {
        assertThat(servers.rows(RIGHTS.replace(SecuredServers.ROLE, SecuredServers.GPU_ROLE)))
                .containsExactlyInAnyOrder(
                        "consumer_offsets: insert, select, update",
                        "consumption_gaps: insert, select, update",
                        "dead_letters: insert, select, update",
                        "gpu: insert, select, update",
                        "gpu_labels: insert, select, update",
                        "gpu_metric: insert, select",
                        "gpu_metrics: insert, select, update",
                        "gpu_metrics_compaction: select",
                        "gpu_metrics_hour: insert, select, update",
                        "gpu_metrics_picked: select",
                        "gpu_metrics_retention: insert, select, update",
                        "gpu_metrics_unpacked: select",
                        "gpu_mig_metrics: insert, select, update",
                        "gpu_mig_metrics_retention: insert, select, update",
                        "gpu_sample: insert, select, update",
                        "gpu_sample_compaction: select",
                        "gpu_sample_hour: insert, select, update",
                        "gpu_sample_piece: select",
                        "gpu_sample_retention: insert, select, update",
                        "gpu_sample_times: select",
                        "sample_file_imports: insert, select, update");
        assertThat(servers.rows(FURTHER_RIGHTS.replace(SecuredServers.ROLE, SecuredServers.GPU_ROLE)))
                .isEmpty();
    }

    @Test
    void brokerWithoutTls_isNamedAsAPossibleReason() {
        try (KafkaBroker plain = KafkaBroker.builder().start()) {
            assertThatThrownBy(() -> SecuredServers.consumer(
                                    plain.bootstrapServers(), servers.client(), "plain", servers.source())
                            .start())
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageStartingWith("Brokers at " + plain.bootstrapServers() + " do not answer: ")
                    .hasMessageEndingWith("; the client uses TLS (security.protocol=SASL_SSL), and brokers without TLS"
                            + " at this address would not answer either");
        }
    }

    @Test
    void brokerOfAnotherAuthority_isRefused() {
        refused(
                "broker-authority",
                servers.broker.bootstrapServers(),
                SecuredServers.client(SecuredServers.USER, SecuredServers.PASSWORD, servers.stranger),
                servers.source(),
                "cannot be reached over TLS",
                "certification path");
    }

    @Test
    void brokerOfAnotherHost_isRefused() {
        refused(
                "broker-host",
                servers.broker.bootstrapServers().replace("localhost", "127.0.0.1"),
                servers.client(),
                servers.source(),
                "cannot be reached over TLS",
                "127.0.0.1",
                "subject alternative names");
    }

    @Test
    void wrongPasswordOfTheBroker_isRefused() {
        refused(
                "broker-password",
                servers.broker.bootstrapServers(),
                SecuredServers.client(SecuredServers.USER, "wrong", servers.authority),
                servers.source(),
                "refuse the credentials",
                "SCRAM-SHA-512");
    }

    @Test
    void plainClientOfTheBroker_isRefused() {
        refused(
                "broker-plain",
                servers.broker.bootstrapServers(),
                SecuredServers.impatience(),
                servers.source(),
                "do not answer");
    }

    @Test
    void databaseOfAnotherAuthority_isRefused() {
        refusedByTheDatabase(
                "database-authority", servers.source(servers.url("localhost", servers.stranger)), "PKIX path");
    }

    @Test
    void databaseOfAnotherHost_isRefused() {
        refusedByTheDatabase(
                "database-host", servers.source(servers.url("127.0.0.1", servers.authority)), "127.0.0.1", "hostname");
    }

    @Test
    void wrongPasswordOfTheDatabase_isRefused() {
        PGSimpleDataSource source = servers.source();
        source.setPassword("wrong");
        refusedByTheDatabase("database-password", source, "SQLSTATE 28P01");
    }

    @Test
    void plainClientOfTheDatabase_isRefused() {
        String plain = servers.url("localhost", servers.authority).replace("verify-full", "disable");
        refusedByTheDatabase("database-plain", servers.source(plain), "no encryption", "SQLSTATE 28000");
    }

    private static void refusedByTheDatabase(String topic, DataSource source, String... words) {
        refused(topic, servers.broker.bootstrapServers(), servers.client(), source, words);
    }

    private static void refused(
            String topic, String bootstrapServers, Map<String, ?> client, DataSource source, String... words) {
        servers.publish(topic);
        long before = servers.heartbeats();
        assertThatThrownBy(() -> SecuredServers.consumer(bootstrapServers, client, topic, source)
                        .start())
                .isInstanceOf(TelemetryException.class)
                .message()
                .contains(words)
                .doesNotContain("\n")
                .doesNotContain(SecuredServers.PASSWORD, SecuredServers.DATABASE_PASSWORD);
        assertNothingWritten(topic, before);
    }

    private static void assertNothingWritten(String topic, long before) {
        assertThat(servers.heartbeats()).isEqualTo(before);
        assertThat(servers.number(
                        "SELECT coalesce(sum(next_offset), 0) FROM consumer_offsets WHERE group_id = '" + topic + "'"))
                .isZero();
    }

    @Test
    void databaseThatIsAnotherOneLater_stopsTheConsumer() {
        servers.broker.createTopic("database-later", 1);
        PGSimpleDataSource source = servers.source();
        long before = servers.heartbeats();
        try (BatchingConsumer consumer = SecuredServers.consumer(
                        servers.broker.bootstrapServers(), servers.client(), "database-later", source)
                .start()) {
            source.setUrl(servers.url("127.0.0.1", servers.authority));
            servers.publishMore("database-later", 1);
            awaitStop(consumer, "127.0.0.1", "hostname");
        }
        assertNothingWritten("database-later", before);
    }

    @Test
    void userWhoIsTakenAway_stopsTheConsumer() throws Exception {
        servers.broker.createTopic("leaver", 1);
        long before = servers.heartbeats();
        Map<String, Object> client =
                SecuredServers.client(SecuredServers.LEAVER, SecuredServers.PASSWORD, servers.authority);
        try (BatchingConsumer consumer = SecuredServers.consumer(
                        servers.broker.bootstrapServers(), client, "leaver", servers.source())
                .start()) {
            takeAway(SecuredServers.LEAVER);
            servers.broker.stop();
            servers.broker.start();
            servers.publishMore("leaver", 1);
            awaitStop(consumer, "refuse the credentials");
        }
        assertNothingWritten("leaver", before);
    }

    private static void takeAway(String user) throws Exception {
        Map<String, Object> settings = servers.client();
        settings.put("bootstrap.servers", servers.broker.bootstrapServers());
        try (Admin admin = Admin.create(settings)) {
            admin.alterUserScramCredentials(
                            List.of(new UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)))
                    .all()
                    .get();
        }
    }

    private static void awaitStop(BatchingConsumer consumer, String... words) {
        Await.until("the consumer's end", LIMIT, () -> consumer.termination().isDone());
        assertThatThrownBy(() -> consumer.termination().join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(TelemetryException.class)
                .message()
                .contains(words);
    }

    @Test
    void publisherWithTheWrongPassword_fails() {
        servers.broker.createTopic("wrong-agent", 1);
        FleetRecord record = FleetGenerator.builder().build().records(1).get(0);
        Heartbeat heartbeat = BincodeHeartbeatCodec.fixed().decode(record.value());
        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                        BincodeHeartbeatCodec.fixed(), servers.broker.bootstrapServers())
                .topic("wrong-agent")
                .overrides(SecuredServers.client(SecuredServers.USER, "wrong", servers.authority))
                .build()) {
            assertThatThrownBy(
                            () -> publisher.send(heartbeat, record.timestamp()).join())
                    .cause()
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining("SCRAM-SHA-512");
        }
        assertThat(servers.broker.endOffsets("wrong-agent")).containsEntry(0, 0L);
    }

    @Test
    void wholeRun_showsNoPassword() {
        servers.publish(SecretsRun.TOPIC);
        try (ForkedJvm run = SecretsRun.start(servers)) {
            run.awaitLine(SecretsRun.WRITTEN, LIMIT);
            servers.execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id, fetch_max_wait_ms)"
                    + " VALUES ('secrets', 'secrets', 123)");
            run.awaitLine(SecretsRun.REPLACED, LIMIT);
            servers.execute("ALTER TABLE device_info RENAME TO away");
            servers.publishMore(SecretsRun.TOPIC, 20);
            assertThat(run.awaitExit(LIMIT)).as("its end").isZero();
            String all = String.join(
                    "\n",
                    Stream.concat(run.output().stream(), run.errors().stream()).toList());
            assertThat(all)
                    .as("what it has to show")
                    .contains(
                            "TRACE",
                            "DEBUG org.apache.kafka",
                            "FINE: ",
                            "has stopped, nothing was skipped",
                            "Caused by: ");
            assertThat(Secrets.shown(all, SecretsRun.secrets(servers))).isEmpty();
            assertThat(Secrets.shown(all, Set.of(SecretsRun.CONTROL)))
                    .as("what was printed on purpose")
                    .containsExactlyInAnyOrderElementsOf(Secrets.forms(SecretsRun.CONTROL));
        } finally {
            servers.execute("ALTER TABLE IF EXISTS away RENAME TO device_info");
        }
    }

    @Test
    void forgedClient_isADeadLetter() throws Exception {
        servers.broker.createTopic("forged", 1);
        FleetRecord record = FleetGenerator.builder().build().records(1).get(0);
        byte[] another = "6e1131b49c014b7da25f1077deadbeef".getBytes(StandardCharsets.US_ASCII);
        long before = servers.heartbeats();
        send(new ProducerRecord<>("forged", 0, record.timestamp().toEpochMilli(), another, record.value()));
        try (BatchingConsumer consumer = servers.consumer("forged").start()) {
            Await.until(
                    "the dead letter",
                    LIMIT,
                    () -> servers.number("SELECT count(*) FROM dead_letters WHERE topic = 'forged'"
                            + " AND array_to_string(reasons, ';') LIKE '%the key is not the payload''s client_id%'"),
                    letters -> letters == 1);
        }
        assertThat(servers.heartbeats()).isEqualTo(before);
    }

    private static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        Map<String, Object> settings = servers.client();
        settings.put("bootstrap.servers", servers.broker.bootstrapServers());
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            producer.send(record).get();
        }
    }
}
