package io.gpufleet.telemetry.jdbc.config;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.config.SettingExplanation;
import io.gpufleet.telemetry.config.SettingsSource;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A loader of the settings of services from {@code pipeline_consumer_configs}, with one row for each service.
 *
 * <pre>{@code
 * try (ConsumerConfigLoader loader = ConsumerConfigLoader.create(dataSource);
 *         BatchingConsumer consumer = BatchingConsumer.builder(codec, sink)
 *                 .bootstrapServers("localhost:9092")
 *                 .topics("client-heartbeats")
 *                 .settings(loader, "my-service")
 *                 .start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 *
 * <p>A row holds only the settings that were set: for all others, and for a service without a row, the values of the
 * consumer's builder apply, then the defaults. The group is the builder's, else {@code <service>-consumer-group}.
 * During an outage of the database the last good settings apply, if there are any. Settings are cached for 5 minutes,
 * for 100 services, and read again as soon as their row changes: until {@link #close()}, the loader listens for changes
 * on a connection of its own and a thread named {@code telemetry-config-listener}. The pool must have that connection,
 * and one for reading. Behind a pooler that shares sessions by the transaction, listening is impossible: the loader
 * notices this, logs it once, and reads rows again after 5 seconds. {@link Builder#pollEvery} does so from the start,
 * at a chosen interval. Thread-safe.
 *
 * <p>The role needs {@code SELECT} on {@code pipeline_consumer_configs}; {@link #change} also {@code INSERT, UPDATE}.
 */
public final class ConsumerConfigLoader implements SettingsSource, AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ConfigRows rows;
    private final Map<ConsumerSetting, Object> own;
    private final ConfigCache cache;
    private final ConfigWarnings warnings = new ConfigWarnings();
    private final @Nullable ConfigListener listener;
    private final @Nullable Thread thread;

    private ConsumerConfigLoader(Builder builder) {
        this.rows = new ConfigRows(builder.dataSource, builder.schema);
        this.own = Map.copyOf(builder.own);
        this.cache = new ConfigCache(this::read, builder.fresh, builder.ticker);
        this.listener = builder.listens ? new ConfigListener(builder.dataSource, new Hearing(cache)) : null;
        this.thread = listener == null ? null : new OwnThread(listener, "telemetry-config-listener");
        if (thread != null) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    private record Hearing(ConfigCache cache) implements ConfigListener.Owner {
        @Override
        public void changed(String service) {
            cache.forget(service);
        }

        @Override
        public void anyChanged() {
            cache.forgetAll();
        }
    }

    /**
     * Creates a loader with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a loader that listens
     */
    public static ConsumerConfigLoader create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Returns the settings of a service: those of its row, else those of the loader's builder, else the defaults.
     *
     * @param service the service's name
     * @return its settings, as of the last change that was noticed
     * @throws InvalidSettingsException if its row cannot be used
     * @throws TelemetryException if the database does not answer and the settings were never read, or if the table is
     *     missing
     */
    @Override
    public ConsumerSettings load(String service) {
        return cache.get(Arguments.text("service", service));
    }

    private ConsumerSettings read(String service) {
        Optional<ConsumerSettings> row = find(service);
        ConsumerSettings settings =
                row.orElseGet(() -> ConsumerSettings.defaults(service)).orElse(own);
        warnings.loaded(settings, row);
        return settings;
    }

    private Optional<ConsumerSettings> find(String service) {
        try {
            return rows.find(service);
        } catch (InvalidSettingsException e) {
            throw e.orElse(own);
        }
    }

    /**
     * Returns the explanation of a service's settings: every value, its origin, and its description.
     *
     * @param service the service's name
     * @return all settings, in the order of {@link ConsumerSetting}
     * @throws InvalidSettingsException if its row cannot be used
     * @throws TelemetryException if the database does not answer and the settings were never read, or if the table is
     *     missing
     */
    public List<SettingExplanation> explain(String service) {
        return load(service).explain();
    }

    /**
     * Checks the values, each by itself and together.
     *
     * @param values a value for each setting that has one; the defaults apply to the others
     * @return all faults: setting, value, and the allowed values; none if the values can be used
     */
    public List<String> validate(Map<ConsumerSetting, ?> values) {
        return ConsumerSettings.validate(values);
    }

    /**
     * Returns the changes that {@link #change(String, Map)} would make, without making them.
     *
     * @param service the service's name
     * @param values the values to set
     * @return the changes of the row, and {@linkplain SettingChange#effect() when} a running consumer would apply them
     * @throws InvalidSettingsException if the changed row could not be used, with all faults
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public List<SettingChange> dryRun(String service, Map<ConsumerSetting, ?> values) {
        return dryRun(service, values, Set.of());
    }

    /**
     * Returns the changes that {@link #change(String, Map, Set)} would make, without making them.
     *
     * @param service the service's name
     * @param values the values to set
     * @param unset the settings to remove from the row
     * @return the changes of the row, and {@linkplain SettingChange#effect() when} a running consumer would apply them
     * @throws InvalidSettingsException if the changed row could not be used, with all faults
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public List<SettingChange> dryRun(String service, Map<ConsumerSetting, ?> values, Set<ConsumerSetting> unset) {
        return rows.dryRun(
                Arguments.text("service", service), new RowEdit(Map.copyOf(requireNonNull(values, "values")), unset));
    }

    /**
     * Sets values in the row of a service, and creates the row if it is missing. The consumer's builder and the
     * defaults decide about all settings that the row does not hold, including the group.
     *
     * @param service the service's name
     * @param values the values to set; all others stay
     * @return the changes of the row; a value that was or is not set is absent
     * @throws InvalidSettingsException if the changed row could not be used, with all faults; nothing is changed
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public List<SettingChange> change(String service, Map<ConsumerSetting, ?> values) {
        return change(service, values, Set.of());
    }

    /**
     * Sets values in the row of a service and removes others, all or none, and creates the row if it is missing.
     *
     * @param service the service's name
     * @param values the values to set; all others stay
     * @param unset the settings to remove from the row
     * @return the changes of the row; a value that was or is not set is absent
     * @throws InvalidSettingsException if the changed row could not be used, with all faults; nothing is changed
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public List<SettingChange> change(String service, Map<ConsumerSetting, ?> values, Set<ConsumerSetting> unset) {
        List<SettingChange> changed = rows.change(
                Arguments.text("service", service), new RowEdit(Map.copyOf(requireNonNull(values, "values")), unset));
        cache.forget(service);
        return changed;
    }

    /**
     * Returns whether a service has a row.
     *
     * @param service the service's name
     * @return true if it has one, even an empty or invalid one
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public boolean hasRow(String service) {
        return rows.has(Arguments.text("service", service));
    }

    /**
     * Returns the services that have a row.
     *
     * @return their names in their order
     * @throws TelemetryException if the database does not answer, or the table is missing
     */
    public List<String> services() {
        return rows.services();
    }

    /**
     * Returns whether changes are noticed at once.
     *
     * @return false while there is no connection that notifications arrive on, and with {@link Builder#pollEvery}
     */
    public boolean isListening() {
        return listener != null && listener.isListening();
    }

    /** Ends the listener and its thread, within 5 seconds. May be called again. */
    @Override
    public void close() {
        if (listener == null || thread == null) {
            return;
        }
        listener.close();
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects the options of a {@link ConsumerConfigLoader}. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private final Map<ConsumerSetting, Object> own = new EnumMap<>(ConsumerSetting.class);
        private Optional<String> schema = Optional.empty();
        private Duration fresh = Duration.ofMinutes(5);
        private boolean listens = true;
        private Ticker ticker = Ticker.systemTicker();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of {@code pipeline_consumer_configs}.
         *
         * @param schemaName its name (default: the connection's search path finds the table)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets a value for services whose row does not set it.
         *
         * @param setting the setting
         * @param value an {@link Integer}, {@link Long}, {@link Boolean} or {@link String}, as the setting's type is
         * @return this
         */
        public Builder setting(ConsumerSetting setting, Object value) {
            own.put(requireNonNull(setting, "setting"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Sets the age at which the row of a service is read again, instead of listening.
         *
         * @param duration 1 ms or more (default: the loader listens, and reads again after 5 minutes)
         * @return this
         */
        public Builder pollEvery(Duration duration) {
            this.fresh = TransactionTimeouts.check("pollEvery", duration);
            this.listens = false;
            return this;
        }

        Builder ticker(Ticker source) {
            this.ticker = source;
            return this;
        }

        /**
         * Builds the loader, which starts to listen.
         *
         * @return a loader; the caller closes it
         */
        public ConsumerConfigLoader build() {
            return new ConsumerConfigLoader(this);
        }
    }
}
