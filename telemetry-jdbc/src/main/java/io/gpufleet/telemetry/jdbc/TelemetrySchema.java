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
 * The schema of the telemetry tables, views and functions: for sinks, settings, monitoring and advice, on PostgreSQL 14
 * to 18.
 *
 * <pre>{@code
 * TelemetrySchema.builder(owner).schema("telemetry").heartbeats().partitionedByDay().build().install();
 * }</pre>
 *
 * <p>A host gets only the capabilities that it asks for, and may add others later. Positions, gaps and dead letters
 * come with each of them.
 *
 * <p>{@link #install()} creates the tables with Flyway, which the host adds; a host with its own migrations runs the
 * files of {@link #sql()}. The role that installs owns the tables. The role of a consumer needs {@code USAGE} on the
 * schema, {@code SELECT, INSERT, UPDATE} on the tables and {@code DELETE} on {@code device_info}; to create the days of
 * a partitioned table it must also be (a member of) the owner, and needs {@code CREATE} on the schema;
 * {@link RetentionJob} names the rights for dropping them. For its settings and its reports it needs {@code SELECT} on
 * {@code pipeline_consumer_configs}, and {@code SELECT, INSERT, UPDATE, DELETE} on {@code consumer_lag_history} and
 * {@code consumer_processing_metrics}. An operator's role needs {@code SELECT} on the tables and views, {@code INSERT,
 * UPDATE, DELETE} on {@code pipeline_consumer_configs} with {@code INSERT} on {@code consumer_config_changes}; and
 * {@code SELECT, INSERT, UPDATE} on {@code kafka_topics} and {@code topic_partition_changes} for advice. Immutable.
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
     * @param dataSource the source of connections
     * @return a schema
     */
    public static TelemetrySchema create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Creates the requested tables that are missing, with Flyway, and {@linkplain #verify() verifies} them. Several
     * services may do so at once, each with its own capabilities. Tables of other capabilities stay unchanged. Each
     * capability keeps its history of migrations in its own table, {@code telemetry_base_history},
     * {@code telemetry_heartbeats_history}, {@code telemetry_consumer_configs_history} and
     * {@code telemetry_gpu_samples_history}, apart from the host's.
     *
     * @throws TelemetryException before anything is written, if Flyway is not on the class path, if a table of another
     *     shape has one of the names, or if the role lacks a right; or if the database fails
     */
    public void install() {
        if (!isFlywayAvailable()) {
            throw new TelemetryException("Install needs Flyway: add org.flywaydb:flyway-core and"
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

    /** Returns whether Flyway is on the class path, without loading the class that needs it. */
    private static boolean isFlywayAvailable() {
        try {
            Class.forName(FLYWAY, false, TelemetrySchema.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Checks that the requested tables have the columns, types and keys that the sinks need. Further columns are
     * allowed if they may be null or have a default; further tables do not matter.
     *
     * @throws TelemetryException if a table is missing or of another shape, with all faults; or if the database fails
     */
    public void verify() {
        requireNone("Telemetry tables do not match the expected schema", faults());
    }

    /**
     * Returns the faults for which {@link #verify()} would throw.
     *
     * @return the missing tables and columns, and those of another shape; none if the tables match the expected schema
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
                "Tables of another shape have the names of telemetry tables; choose another schema, or rename them",
                capabilities.stream()
                        .flatMap(capability -> foreignTables(capability, catalog, target).stream())
                        .toList());
        capabilities.forEach(capability -> capability.refuse(catalog, target));
    }

    /**
     * Returns the tables with a telemetry name that another program has created: those that exist before the
     * capability's first migration. The history is read last, since another service may have begun meanwhile, and
     * creates the history before the tables.
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
     * Returns the SQL that {@link #install()} runs, for hosts with their own migrations. It names no schema: it creates
     * the tables in the first schema of the session's search path.
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
        private final Supplier<Capability> gpuSamples = this::gpuSampleCapability;
        private Optional<String> schema = Optional.empty();
        private boolean partitionedByDay;
        private boolean heartbeatKey = true;
        private GpuLayout gpuLayout = GpuLayout.NUMBERED;

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
         * Adds heartbeats, their daily statistics and the newest states (default: these and {@link #consumerConfigs()},
         * unless a capability is named).
         *
         * @return this
         */
        public Builder heartbeats() {
            return with(heartbeats);
        }

        /**
         * Adds the settings of consumers, their reports, and the advice on them (default: these and
         * {@link #heartbeats()}, unless a capability is named).
         *
         * @return this
         */
        public Builder consumerConfigs() {
            return with(consumerConfigs);
        }

        /**
         * Adds GPU samples in the layout {@link GpuLayout#NUMBERED}, partitioned by UTC day, with their GPUs, metrics
         * and labels.
         *
         * @return this
         */
        public Builder gpuSamples() {
            return gpuSamples(GpuLayout.NUMBERED);
        }

        /**
         * Adds GPU samples in a layout, partitioned by UTC day, with their GPUs and metrics. The sinks must be built
         * for the same layout.
         *
         * @param layout the layout of their table
         * @return this
         */
        public Builder gpuSamples(GpuLayout layout) {
            this.gpuLayout = requireNonNull(layout, "layout");
            return with(gpuSamples);
        }

        /** Adds a capability, which is created once all options are known. */
        Builder with(Supplier<Capability> capability) {
            capabilities.add(capability);
            return this;
        }

        private Capability gpuSampleCapability() {
            return new GpuSampleCapability(gpuLayout);
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
         * (BRIN), so that there is hardly any index to write (default: with the key). A table that has its key loses
         * it. The sinks must be {@linkplain HeartbeatSink#withoutKey built for it}.
         *
         * <p>Each record is still applied exactly once. But a heartbeat counts twice if its producer sends it twice, or
         * if it is read again after an operator has set a position back; and a query for one client reads all
         * heartbeats of its time range.
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
         * @throws IllegalStateException if an option of {@link #heartbeats()} is set, but only other capabilities are
         *     named
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
                throw new IllegalStateException(option + " needs heartbeats(), but only other capabilities are named");
            }
        }
    }
}
