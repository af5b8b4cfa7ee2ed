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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * The tables of sinks, settings, monitoring and advice, with their views and functions, on PostgreSQL 14 to 18.
 *
 * <pre>{@code
 * TelemetrySchema.builder(owner).schema("telemetry").heartbeats().partitionedByDay().build().install();
 * }</pre>
 *
 * <p>A host has only the capabilities that it asks for, and may add others later. Positions, gaps and dead letters come
 * with each of them.
 *
 * <p>{@link #install()} makes them with Flyway, which the host adds; a host that migrates by itself runs the files of
 * {@link #sql()}. The role that installs owns the tables. The role that consumes needs {@code USAGE} on the schema,
 * {@code SELECT, INSERT, UPDATE} on the tables and {@code DELETE} on {@code device_info}; to create the days of a
 * partitioned table it must be (a member of) the owner, and needs {@code CREATE} on the schema; {@link RetentionJob}
 * names the rights for dropping them. To be set and watched it needs {@code SELECT} on
 * {@code pipeline_consumer_configs}, and {@code SELECT, INSERT, UPDATE, DELETE} on {@code consumer_lag_history} and
 * {@code consumer_processing_metrics}. The role of those who set and watch needs {@code SELECT} on the tables and
 * views, {@code INSERT, UPDATE, DELETE} on {@code pipeline_consumer_configs} with {@code INSERT} on
 * {@code consumer_config_changes}; and {@code SELECT, INSERT, UPDATE} on {@code kafka_topics} and
 * {@code topic_partition_changes} for advice. Immutable.
 */
public final class TelemetrySchema {
    private static final String FLYWAY = "org.flywaydb.core.Flyway";

    private final DataSource dataSource;
    private final Optional<String> schema;
    private final List<Capability> capabilities;

    private TelemetrySchema(DataSource dataSource, Optional<String> schema, Stream<Capability> capabilities) {
        this.dataSource = dataSource;
        this.schema = schema;
        this.capabilities =
                Stream.concat(Stream.of(new BaseCapability()), capabilities).toList();
    }

    /**
     * Returns the schema with the defaults: heartbeats in one table and the settings of consumers, in the connection's
     * current schema.
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
     * Makes the tables that were asked for and are not there yet, with Flyway, and {@linkplain #verify() verifies}
     * them. Several services may do so at once, whatever each of them asks for. Tables of other capabilities stay as
     * they are. Each capability keeps the history of its migrations in a table of its own,
     * {@code telemetry_base_history}, {@code telemetry_heartbeats_history} and
     * {@code telemetry_consumer_configs_history}, apart from the host's.
     *
     * @throws TelemetryException if Flyway is not on the class path; if a table of one of the names is there and is of
     *     another shape, or if the role may not make them, before anything is written; or if the database fails
     */
    public void install() {
        if (!isFlywayAvailable()) {
            throw new TelemetryException("Installing needs Flyway: add org.flywaydb:flyway-core and"
                    + " org.flywaydb:flyway-database-postgresql, or run these files in this order: "
                    + migrations().collect(Collectors.joining(", ")));
        }
        inspect(catalog -> {
            catalog.requireServer();
            catalog.requireRights(
                    schema, capabilities.stream().map(Capability::history).toList());
            refuseForeignTables(catalog);
        });
        capabilities.forEach(capability -> FlywayMigration.run(dataSource, schema, capability));
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
     * Checks that the tables that were asked for are there with the columns, types and keys that the sinks need. More
     * columns are fine as long as they may be null or have a default; more tables do not matter.
     *
     * @throws TelemetryException if one is missing or of another shape, with all that is wrong; or if the database
     *     fails
     */
    public void verify() {
        requireNone("Telemetry tables do not match the expected schema", faults());
    }

    /**
     * Returns what {@link #verify()} refuses, each fault by itself.
     *
     * @return what is missing or of another shape; none if the tables match the expected schema
     * @throws TelemetryException if the database fails
     */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        inspect(catalog -> faults.addAll(catalog.problems(capabilities.stream()
                .flatMap(capability -> tables(capability, schema))
                .toList())));
        return List.copyOf(faults);
    }

    private void refuseForeignTables(Catalog catalog) {
        Optional<String> target = schema.or(catalog::currentSchema);
        requireNone(
                "Tables of other shapes have the names of the telemetry tables; choose another schema, or rename them",
                capabilities.stream()
                        .flatMap(capability -> foreignTables(capability, catalog, target).stream())
                        .toList());
        capabilities.forEach(capability -> capability.refuse(catalog, target));
    }

    /**
     * Before the first migration of a capability, a table with one of its names was made by others. The history is
     * asked for last: another service may have begun meanwhile, and makes it before the tables.
     */
    private static List<String> foreignTables(Capability capability, Catalog catalog, Optional<String> in) {
        List<String> problems = catalog.problemsOfPresent(tables(capability, in).toList());
        return problems.isEmpty() || isBegun(capability, catalog, in) ? List.of() : problems;
    }

    private static boolean isBegun(Capability capability, Catalog catalog, Optional<String> in) {
        TableShape history = TableShape.parse(capability.history(), "installed_rank integer", "");
        return catalog.kindOf(history.in(in)).isPresent();
    }

    private static Stream<TableShape> tables(Capability capability, Optional<String> in) {
        return capability.tables().stream().map(table -> table.in(in));
    }

    private void inspect(Consumer<Catalog> inspection) {
        new Transactions(dataSource, TransactionTimeouts.DEFAULT).call("catalogue", connection -> {
            Jdbi.create(connection).useHandle(handle -> inspection.accept(new Catalog(handle)));
            return Boolean.TRUE;
        });
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
        return migrations().map(TelemetrySchema::text).toList();
    }

    private Stream<String> migrations() {
        return capabilities.stream().flatMap(capability -> capability.migrations().stream());
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
        private final Set<Supplier<Capability>> capabilities = new LinkedHashSet<>();
        private final Supplier<Capability> heartbeats = this::heartbeatCapability;
        private final Supplier<Capability> consumerConfigs = ConsumerConfigCapability::new;
        private Optional<String> schema = Optional.empty();
        private boolean partitionedByDay;
        private boolean heartbeatKey = true;

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the tables; {@link TelemetrySchema#install()} creates it if it is missing.
         *
         * @param schemaName its name (default: the connection's current schema)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Asks for heartbeats, their daily statistics and the newest states (default: these and
         * {@link #consumerConfigs()}, unless a capability is named).
         *
         * @return this
         */
        public Builder heartbeats() {
            return with(heartbeats);
        }

        /**
         * Asks for the settings of consumers, what they report, and the advice on them (default: these and
         * {@link #heartbeats()}, unless a capability is named).
         *
         * @return this
         */
        public Builder consumerConfigs() {
            return with(consumerConfigs);
        }

        /** Asks for a capability, which is made when all options are known. */
        Builder with(Supplier<Capability> capability) {
            capabilities.add(capability);
            return this;
        }

        private Capability heartbeatCapability() {
            return new HeartbeatCapability(partitionedByDay, heartbeatKey);
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
         * @throws IllegalStateException if other capabilities than {@link #heartbeats()} are named, and an option of it
         *     is set
         */
        public TelemetrySchema build() {
            Set<Supplier<Capability>> asked =
                    capabilities.isEmpty() ? new LinkedHashSet<>(List.of(heartbeats, consumerConfigs)) : capabilities;
            if (!asked.contains(heartbeats)) {
                refuseOption("partitionedByDay()", partitionedByDay);
                refuseOption("withoutHeartbeatKey()", !heartbeatKey);
            }
            return new TelemetrySchema(dataSource, schema, asked.stream().map(Supplier::get));
        }

        private static void refuseOption(String option, boolean isSet) {
            if (isSet) {
                throw new IllegalStateException(
                        option + " needs heartbeats(): other capabilities are named without it");
            }
        }
    }
}
