package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * The tables that the sinks, the settings, the watching and the advice need, with their views and functions, on
 * PostgreSQL 14 to 18.
 *
 * <p>{@link #install()} makes them with Flyway, which the host adds; a host that migrates by itself runs the files of
 * {@link #sql()}. The role that installs owns the tables. The role that consumes needs {@code USAGE} on the schema,
 * {@code SELECT, INSERT, UPDATE} on the tables and {@code DELETE} on {@code device_info}; to make the days of a
 * partitioned table it has to be (a member of) the owner, and needs {@code CREATE} on the schema; what dropping them
 * takes, {@link RetentionJob} says. To be set and watched it needs {@code SELECT} on {@code pipeline_consumer_configs},
 * and {@code SELECT, INSERT, UPDATE, DELETE} on {@code consumer_lag_history} and {@code consumer_processing_metrics}.
 * The role of those who set and watch needs {@code SELECT} on the tables and views, {@code INSERT, UPDATE, DELETE} on
 * {@code pipeline_consumer_configs} with {@code INSERT} on {@code consumer_config_changes}; and {@code SELECT, INSERT,
 * UPDATE} on {@code kafka_topics} and {@code topic_partition_changes} for advice. Immutable.
 */
public final class TelemetrySchema {
    static final String HISTORY = "telemetry_schema_history";

    private static final String FLYWAY = "org.flywaydb.core.Flyway";
    private static final String MIGRATION = "io/gpufleet/telemetry/jdbc/migration/";

    private final DataSource dataSource;
    private final Optional<String> schema;
    private final boolean partitionedByDay;
    private final boolean heartbeatKey;

    private TelemetrySchema(Builder builder) {
        this.dataSource = builder.dataSource;
        this.schema = builder.schema;
        this.partitionedByDay = builder.partitionedByDay;
        this.heartbeatKey = builder.heartbeatKey;
    }

    /**
     * Returns the schema with the defaults: in the connection's current schema, heartbeats in one table.
     *
     * @param dataSource where connections come from
     * @return a schema
     */
    public static TelemetrySchema create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Starts from the defaults.
     *
     * @param dataSource where connections come from
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Makes the tables that are not there yet, with Flyway, and {@linkplain #verify() verifies} them. Several services
     * may do so at once. The history of the migrations is kept in {@code telemetry_schema_history}, apart from the
     * host's.
     *
     * @throws TelemetryException if Flyway is not on the class path; if a table of one of the names is there and is of
     *     another shape, or if the role may not make them, before anything is written; or if the database fails
     */
    public void install() {
        if (!isFlywayAvailable()) {
            throw new TelemetryException("Installing needs Flyway: add org.flywaydb:flyway-core and"
                    + " org.flywaydb:flyway-database-postgresql, or run these files in this order: "
                    + String.join(", ", migrations()));
        }
        inspect(catalog -> {
            catalog.requireServer();
            catalog.requireRights(schema);
            refuseForeignTables(catalog);
        });
        FlywayMigration.run(dataSource, schema, directories());
        verify();
    }

    /** Looks for Flyway without touching the class that needs it. */
    private static boolean isFlywayAvailable() {
        try {
            Class.forName(FLYWAY, false, TelemetrySchema.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Checks that the tables are there with the columns, types and keys that the sinks need. More columns are fine as
     * long as they may be null or have a default.
     *
     * @throws TelemetryException if one is missing or of another shape, with all that is wrong; or if the database
     *     fails
     */
    public void verify() {
        inspect(catalog ->
                requireNone("The telemetry tables are not as they are needed", catalog.problems(shapes(schema))));
    }

    /**
     * Before the first migration, whatever is there was made by somebody else: it has the right shape, or it is
     * refused.
     */
    private void refuseForeignTables(Catalog catalog) {
        Optional<String> target = schema.or(catalog::currentSchema);
        List<TableShape> shapes = shapes(target);
        TableShape history =
                TableShape.parse(HISTORY, "installed_rank integer", "").in(target);
        if (catalog.kindOf(history).isEmpty()) {
            requireNone(
                    "Tables of other shapes have the names of the telemetry tables; choose another schema, or rename"
                            + " them",
                    catalog.problemsOfPresent(shapes));
        }
        TableShape heartbeat = TelemetryTables.HEARTBEAT.in(target);
        catalog.kindOf(heartbeat).ifPresent(kind -> {
            requireKind(kind);
            requireKey(catalog.hasKey(heartbeat));
        });
    }

    private void requireKind(String kind) {
        if (kind.equals(Catalog.PARTITIONED) != partitionedByDay) {
            throw new TelemetryException("The table heartbeat is " + (partitionedByDay ? "one table" : "partitioned")
                    + " already; install with" + (partitionedByDay ? "out" : "") + " partitionedByDay()");
        }
    }

    private void requireKey(boolean hasKey) {
        if (heartbeatKey && !hasKey) {
            throw new TelemetryException(
                    "The table heartbeat has no key any more; install with withoutHeartbeatKey(), or give it back: ALTER"
                            + " TABLE heartbeat ADD PRIMARY KEY (client_id, \"timestamp\"), and DELETE FROM " + HISTORY
                            + " WHERE version = '4'");
        }
    }

    private void inspect(Consumer<Catalog> inspection) {
        new Transactions(dataSource, TransactionTimeouts.DEFAULT).call("catalogue", connection -> {
            Jdbi.create(connection).useHandle(handle -> inspection.accept(new Catalog(handle)));
            return Boolean.TRUE;
        });
    }

    private List<TableShape> shapes(Optional<String> in) {
        return TelemetryTables.ALL.stream()
                .map(table -> heartbeatKey || !table.equals(TelemetryTables.HEARTBEAT) ? table : table.withoutKey())
                .map(table -> table.in(in))
                .toList();
    }

    private static void requireNone(String what, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new TelemetryException(what + ": " + String.join("; ", problems));
        }
    }

    /**
     * Returns the SQL that {@link #install()} runs, for hosts that migrate by themselves. It names no schema: it makes
     * the tables where the session's search path points to.
     *
     * @return the texts of the files in the order in which they are run
     */
    public List<String> sql() {
        return migrations().stream().map(TelemetrySchema::text).toList();
    }

    private List<String> directories() {
        List<String> directories =
                new ArrayList<>(List.of(MIGRATION + "common", MIGRATION + (partitionedByDay ? "by_day" : "plain")));
        if (!heartbeatKey) {
            directories.add(MIGRATION + "without_key");
        }
        return directories;
    }

    private List<String> migrations() {
        List<String> directories = directories();
        List<String> migrations = new ArrayList<>(List.of(
                directories.get(0) + "/V1__positions_statistics_state.sql",
                directories.get(1) + "/V1_1__heartbeat.sql",
                directories.get(0) + "/V2__consumer_configs.sql",
                directories.get(0) + "/V3__replayed_dead_letters.sql"));
        if (!heartbeatKey) {
            migrations.add(directories.get(2) + "/V4__heartbeat_without_key.sql");
        }
        return migrations;
    }

    private static String text(String resource) {
        try (InputStream stream =
                requireNonNull(TelemetrySchema.class.getClassLoader().getResourceAsStream(resource), resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + resource, e);
        }
    }

    /** Collects the options of a {@link TelemetrySchema}. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private Optional<String> schema = Optional.empty();
        private boolean partitionedByDay;
        private boolean heartbeatKey = true;

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Names the schema of the tables; {@link TelemetrySchema#install()} makes it if it is not there.
         *
         * @param schemaName its name (default: the connection's current schema)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Partitions the table of heartbeats by UTC day, so that old days are dropped at once (default: one table).
         *
         * @return this
         */
        public Builder partitionedByDay() {
            this.partitionedByDay = true;
            return this;
        }

        /**
         * Leaves out the primary key (client, time) of the table of heartbeats, and indexes its time by block ranges
         * (BRIN), so that there is hardly any index to write (default: with its key). A table that has its key loses
         * it. Sinks are {@linkplain HeartbeatSink#withoutKey built for it}.
         *
         * <p>Each record is still applied exactly once. What is given up: a heartbeat that its producer has sent twice,
         * or that is read again after an operator has set a position back, counts twice; and a client's heartbeats are
         * found by reading all of the time that is asked for.
         *
         * @return this
         */
        public Builder withoutHeartbeatKey() {
            this.heartbeatKey = false;
            return this;
        }

        /**
         * Builds the schema. Nothing is read or written yet.
         *
         * @return an immutable schema
         */
        public TelemetrySchema build() {
            return new TelemetrySchema(this);
        }
    }
}
