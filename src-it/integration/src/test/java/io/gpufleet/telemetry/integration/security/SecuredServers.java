package io.gpufleet.telemetry.integration.security;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A broker and a database that accept only TLS with a password, and the telemetry tables, on which the role
 * {@code telemetry_writer} has only the rights of docs/security.md.
 */
final class SecuredServers implements AutoCloseable {
    static final String USER = "fleet";
    static final String PASSWORD = "broker-p4ss/w+rd@1";
    static final String LEAVER = "leaver";
    static final String DATABASE_PASSWORD = "database-p4ss/w+rd@2";

    static final String ROLE = "telemetry_writer";
    static final String GPU_ROLE = "telemetry_gpu_writer";

    private static final Path GUIDE = Path.of("../../docs/security.md");
    private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

    final TestCertificates authority = TestCertificates.create();
    final TestCertificates stranger = TestCertificates.create();
    final KafkaBroker broker;
    final PostgresServer postgres;
    final PostgresDatabase database;

    SecuredServers() {
        broker = KafkaBroker.builder()
                .tls(authority.issue("localhost"))
                .scram(USER, PASSWORD)
                .scram(LEAVER, PASSWORD)
                .start();
        postgres = PostgresServer.builder().tls(authority.issue("localhost")).start();
        database = postgres.newDatabase();
        TelemetrySchema.builder(database.dataSource())
                .heartbeats()
                .consumerConfigs()
                .gpuSamples()
                .build()
                .install();
        for (String role : List.of(ROLE, GPU_ROLE)) {
            execute("CREATE ROLE " + role + " LOGIN PASSWORD '" + DATABASE_PASSWORD + "'");
        }
        execute(grants());
    }

    private static String grants() {
        try {
            String grants = SQL.matcher(Files.readString(GUIDE))
                    .results()
                    .map(block -> block.group(1))
                    .collect(Collectors.joining());
            if (!grants.contains(ROLE) || !grants.contains(GPU_ROLE)) {
                throw new IllegalStateException(GUIDE + " does not grant to each role: " + grants);
            }
            return grants.replace("SCHEMA telemetry", "SCHEMA public").replace("telemetry.", "public.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a topic and publishes a heartbeat to it. */
    void publish(String topic) {
        broker.createTopic(topic, 1);
        publishMore(topic, 1);
    }

    void publishMore(String topic, int records) {
        List<FleetRecord> fleet = FleetGenerator.builder()
                .clients(10)
                .seed(topic.hashCode())
                .build()
                .records(records);
        broker.publish(topic, fleet);
    }

    /** Returns the settings of a client that the broker accepts. */
    Map<String, Object> client() {
        return client(USER, PASSWORD, authority);
    }

    static Map<String, Object> client(String user, String password, TestCertificates trusted) {
        return client(user, password, trusted.trustStore(), trusted.storePassword());
    }

    static Map<String, Object> client(String user, String password, Path trustStore, String storePassword) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put("sasl.jaas.config", jaas(user, password));
        settings.put("ssl.truststore.type", "PKCS12");
        settings.put("ssl.truststore.location", trustStore.toString());
        settings.put("ssl.truststore.password", storePassword);
        settings.putAll(impatience());
        return settings;
    }

    static String jaas(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                + password + "\";";
    }

    /** Returns the settings by which a broker without an answer is given up after some seconds. */
    static Map<String, Object> impatience() {
        return Map.of("default.api.timeout.ms", 2_000, "request.timeout.ms", 1_500);
    }

    /** Returns the URL of the database on some host, with some trusted authority. */
    String url(String host, TestCertificates trusted) {
        return "jdbc:postgresql://" + host + ":" + postgres.port() + "/" + database.name()
                + "?sslmode=verify-full&sslrootcert="
                + URLEncoder.encode(trusted.authorityPem().toString(), StandardCharsets.UTF_8);
    }

    PGSimpleDataSource source(String url) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        source.setUser(ROLE);
        source.setPassword(DATABASE_PASSWORD);
        return source;
    }

    PGSimpleDataSource source() {
        return source(url("localhost", authority));
    }

    PGSimpleDataSource sourceOf(String role) {
        PGSimpleDataSource source = source();
        source.setUser(role);
        return source;
    }

    /** Returns a consumer whose group is named after its topic. */
    static BatchingConsumer.Builder<Heartbeat> consumer(
            String servers, Map<String, ?> client, String topic, DataSource source) {
        return HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(source))
                .validator(HeartbeatValidator.builder().anyAge().build())
                .bootstrapServers(servers)
                .overrides(client)
                .topics(topic)
                .groupId(topic)
                .batching(BatchPolicy.builder().linger(Duration.ofMillis(50)).build())
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(20))
                        .maxBackoff(Duration.ofMillis(200))
                        .build());
    }

    BatchingConsumer.Builder<Heartbeat> consumer(String topic) {
        return consumer(broker.bootstrapServers(), client(), topic, source());
    }

    void execute(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Creates a day of a table as its owner, whose name is that of the sink. */
    void createDay(String table, LocalDate day) {
        execute("CREATE TABLE " + table + '_' + day.format(DateTimeFormatter.BASIC_ISO_DATE) + " PARTITION OF " + table
                + " FOR VALUES FROM ('" + day + " 00:00+00') TO ('" + day.plusDays(1) + " 00:00+00')");
    }

    long number(String sql) {
        return Long.parseLong(rows(sql).get(0));
    }

    /** Returns the first column of every row. */
    List<String> rows(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long heartbeats() {
        return number("SELECT count(*) FROM heartbeat");
    }

    @Override
    public void close() {
        postgres.close();
        broker.close();
        stranger.close();
        authority.close();
    }
}
