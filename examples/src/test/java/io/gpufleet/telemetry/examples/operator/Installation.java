package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/** A database with the tables in the schema {@code telemetry}, and the operator's tool for it. */
final class Installation {
    static final String SCHEMA = "telemetry";

    /** The databases that others are copied from, one for each server. */
    private static final Map<PostgresServer, PostgresDatabase> TEMPLATES = new ConcurrentHashMap<>();

    private final TelemetryStack stack;
    private final PostgresDatabase database;

    Installation(TelemetryStack stack) {
        this.stack = stack;
        PostgresServer server = stack.postgres();
        this.database = server.newDatabase(TEMPLATES.computeIfAbsent(server, Installation::template));
    }

    /** Installs some capabilities only. */
    Installation(TelemetryStack stack, UnaryOperator<TelemetrySchema.Builder> capabilities) {
        this.stack = stack;
        this.database = stack.newDatabase();
        install(capabilities);
    }

    void install(UnaryOperator<TelemetrySchema.Builder> capabilities) {
        capabilities
                .apply(TelemetrySchema.builder(database.dataSource()).schema(SCHEMA))
                .build()
                .install();
    }

    private static PostgresDatabase template(PostgresServer server) {
        PostgresDatabase template = server.newDatabase();
        TelemetrySchema.builder(template.dataSource()).schema(SCHEMA).build().install();
        return template;
    }

    DataSource dataSource() {
        return ReusedConnections.source(database.jdbcUrl());
    }

    /** Runs a command that needs the database. */
    OperatorRun run(String... command) {
        return OperatorRun.of(onDatabase(Stream.of(command)));
    }

    /** Starts a command that needs the database in a process of its own. */
    ForkedJvm start(String... command) {
        return ForkedJvm.builder(Operator.class)
                .arguments(onDatabase(Stream.of(command)))
                .start();
    }

    /** Runs a command that needs the broker too. */
    OperatorRun runWithBroker(String... command) {
        return OperatorRun.of(withBroker(command));
    }

    /** Returns a command that needs both, with the options for them. */
    String[] withBroker(String... command) {
        return onDatabase(Stream.concat(Stream.of(command), Stream.of("--bootstrap-server", stack.bootstrapServers())));
    }

    private String[] onDatabase(Stream<String> command) {
        return Stream.concat(command, Stream.of("--database-url", database.jdbcUrl(), "--schema", SCHEMA))
                .toArray(String[]::new);
    }

    PostgresSink<Object> sink(String group) {
        PostgresSink<Object> sink =
                PostgresSink.builder(dataSource()).schema(SCHEMA).build();
        sink.open(SinkContext.of(group, TelemetryListener.none()));
        return sink;
    }

    void store(String group, SourcePartition partition, Position position) {
        sink(group).change(List.of(new PositionChange(partition, Optional.empty(), position, Optional.empty())));
    }

    /** Stores a position in the topic's current log. */
    void store(String group, SourcePartition partition, long offset) {
        store(group, partition, new Position(log(partition.topic()), offset, 0));
    }

    /** Returns the current log of a topic's name. */
    LogId log(String topic) {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()))) {
            Uuid id = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .topicId();
            return new LogId(
                    admin.describeCluster().clusterId().get(),
                    new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the positions of a group, as {@code topic-partition:offset}. */
    List<String> positions(String group) {
        return rows("SELECT topic || '-' || partition || ':' || next_offset FROM telemetry.consumer_offsets"
                + " WHERE group_id = '" + group + "' ORDER BY 1");
    }

    /** Returns the gaps of a group, as {@code reason topic-partition:from-to}. */
    List<String> gaps(String group) {
        return rows("SELECT reason || ' ' || topic || '-' || partition || ':' || from_offset || '-' || to_offset"
                + " FROM telemetry.consumption_gaps WHERE group_id = '" + group + "' ORDER BY id");
    }

    /** Returns the first column of a query's result. */
    List<String> rows(String sql) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    void execute(String sql) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
