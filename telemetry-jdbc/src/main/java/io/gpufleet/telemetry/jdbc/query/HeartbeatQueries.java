package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Questions about the machines that send heartbeats, their devices and their daily statistics.
 *
 * <pre>{@code
 * HeartbeatQueries queries = HeartbeatQueries.create(dataSource);
 * Instant tenMinutesAgo = Instant.now().minus(Duration.ofMinutes(10));
 * for (Machine machine : queries.quiet(tenMinutesAgo, 20).rows()) {
 *     System.out.println(machine.client() + " is silent since " + machine.heartbeatAt());
 * }
 * }</pre>
 *
 * <p>A question takes one connection, and is a read-only transaction that sees one state of the database; it works on a
 * replica. It reads the newest state and the daily statistics, never the heartbeats themselves, so that it is as fast
 * in a table of years; days that {@code RetentionJob} has dropped keep their statistics. The tables are those of the
 * capability {@code heartbeats}, by day or not. Thread-safe.
 *
 * <p>The role needs {@code SELECT} on {@code system_info}, {@code device_info}, {@code client_daily_stats} and
 * {@code device_daily_stats}.
 */
public final class HeartbeatQueries {
    private final Questions questions;
    private final Optional<String> schema;
    private final Clock clock;

    private HeartbeatQueries(Builder builder) {
        this.questions = Questions.aboutHeartbeats(builder.dataSource, builder.timeout);
        this.schema = builder.schema;
        this.clock = builder.clock;
    }

    /**
     * Returns queries with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @return queries
     */
    public static HeartbeatQueries create(DataSource dataSource) {
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
     * Returns the machines, page by page, by the ids of their clients.
     *
     * @param filter the question
     * @return a page without a cursor: its total says how many there are, an offset leads to the next ones
     * @throws UnknownClientException if no heartbeat of the client that the filter names was stored
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<Machine> machines(MachineFilter filter) {
        requireNonNull(filter, "filter");
        return questions.ask("machines", handle -> new MachineList(handle, schema).machines(filter));
    }

    /**
     * Returns the devices of machines, page by page, by the ids of their clients and their numbers.
     *
     * @param filter the machines
     * @return a page without a cursor: its total says how many devices there are, an offset leads to the next ones
     * @throws UnknownClientException if no heartbeat of the client that the filter names was stored
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<MachineDevice> devices(MachineFilter filter) {
        requireNonNull(filter, "filter");
        return questions.ask("devices", handle -> new MachineList(handle, schema).devices(filter));
    }

    /**
     * Returns a machine and all its devices.
     *
     * @param client the client's id: 32 hexadecimal characters of either case
     * @return its newest state
     * @throws UnknownClientException if no heartbeat of the client was stored
     * @throws InvalidQueryException if the id is something else
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public MachineState state(String client) {
        ClientId id = QueryChecks.requireClient(requireNonNull(client, "client"));
        return questions.ask("state", handle -> new MachineList(handle, schema).state(id));
    }

    /**
     * Returns the machines without a heartbeat since a time, the longest silent ones first.
     *
     * @param since the time; a heartbeat at this time is none before it
     * @param limit the largest number of machines, 1 to {@value SampleQuery#MAX_LIMIT}
     * @return a page without a cursor: its total says how many there are
     * @throws InvalidQueryException if the limit is something else
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<Machine> quiet(Instant since, int limit) {
        Instant first = TimeRange.firstStored(requireNonNull(since, "since"));
        QueryChecks.requireLimit(limit);
        return questions.ask("quiet", handle -> new MachineList(handle, schema).quiet(first, limit));
    }

    /**
     * Returns the daily statistics of a client.
     *
     * @param query the question
     * @return the days in their order; those without a heartbeat are left out
     * @throws UnknownClientException if no heartbeat of the client was stored
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<ClientDailyStatistics> dailyStatistics(DailyQuery query) {
        requireNonNull(query, "query");
        return questions.ask("daily statistics", handle -> new DailyRows(handle, schema, query).ofClient(today()));
    }

    /**
     * Returns the daily statistics of a client's devices.
     *
     * @param query the question
     * @return the rows by day and number of the device; days without a heartbeat of a device are left out
     * @throws UnknownClientException if no heartbeat of the client was stored
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<DeviceDailyStatistics> deviceStatistics(DailyQuery query) {
        requireNonNull(query, "query");
        return questions.ask("device statistics", handle -> new DailyRows(handle, schema, query).ofDevices(today()));
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** A builder of queries. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private Optional<String> schema = Optional.empty();
        private Duration timeout = Questions.DEFAULT_TIMEOUT;
        private Clock clock = Clock.systemUTC();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the tables. Default: the search path.
         *
         * @param name the schema's name
         * @return this builder
         */
        public Builder schema(String name) {
            this.schema = Optional.of(Identifier.check("schema", name));
            return this;
        }

        /**
         * Sets the limit of each statement of a question, which the database keeps. Default: 10 seconds.
         *
         * @param limit 1 millisecond or more
         * @return this builder
         */
        public Builder timeout(Duration limit) {
            this.timeout = TransactionTimeouts.check("timeout", limit);
            return this;
        }

        /**
         * Sets the clock that says what now is. Default: the system's.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(Clock source) {
            this.clock = requireNonNull(source, "source");
            return this;
        }

        /**
         * Returns the queries.
         *
         * @return queries
         */
        public HeartbeatQueries build() {
            return new HeartbeatQueries(this);
        }
    }
}
