package io.gpufleet.telemetry.jdbc.monitor;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.StorableTime;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * The reports of the consumers of all services, with alerts and recommendations, from the views of the database.
 * Thread-safe.
 *
 * <p>The role needs {@code SELECT} on the views and on {@code pipeline_consumer_configs}.
 */
public final class ConsumerReports {
    /**
     * The query for recommendations. Thresholds: a lag of 1,000, 100 and 10 messages, 100 records a poll, 0.8 of the
     * session timeout.
     */
    private static final String RECOMMENDATIONS = """
            SELECT v.service_name, r.setting, r.value, r.direction, r.reason,
                CASE
                    WHEN v.avg_lag > 1000 OR v.avg_processing_time_ms > 0.8 * c.session THEN 'HIGH'
                    WHEN v.avg_lag > 100 THEN 'MEDIUM'
                    ELSE 'LOW'
                END AS priority
            FROM {v_consumer_performance_monitor} AS v
                JOIN (SELECT service_name, coalesce(session_timeout_ms, :session) AS session
                    FROM {pipeline_consumer_configs}) AS c ON c.service_name = v.service_name
                CROSS JOIN LATERAL (VALUES
                    (v.avg_lag > 1000 AND v.max_poll_records < 100, 'max_poll_records', v.max_poll_records, 'INCREASE',
                        format('%s messages wait in a partition on average', round(v.avg_lag))),
                    (v.avg_processing_time_ms > 0.8 * c.session, 'session_timeout_ms', c.session,
                        'INCREASE', format('a batch takes %s ms on average', round(v.avg_processing_time_ms))),
                    (v.last_lag_at > now() - interval '1 hour' AND v.avg_lag < 10 AND v.max_poll_records > 100,
                        'max_poll_records', v.max_poll_records, 'DECREASE',
                        format('%s messages wait in a partition on average', round(v.avg_lag)))
                ) AS r(fits, setting, value, direction, reason)
            WHERE r.fits ORDER BY 1, 2""";

    private final Transactions transactions;
    private final Optional<String> schema;

    private ConsumerReports(DataSource dataSource, Optional<String> schema) {
        this.transactions = new Transactions(requireNonNull(dataSource, "dataSource"), TransactionTimeouts.DEFAULT);
        this.schema = schema;
    }

    /**
     * Creates reports from the views in the search path.
     *
     * @param dataSource the source of connections
     * @return reports
     */
    public static ConsumerReports create(DataSource dataSource) {
        return new ConsumerReports(dataSource, Optional.empty());
    }

    /**
     * Creates reports from the views of a schema.
     *
     * @param dataSource the source of connections
     * @param schema the schema's name
     * @return reports
     */
    public static ConsumerReports create(DataSource dataSource, String schema) {
        return new ConsumerReports(dataSource, Optional.of(Identifier.check("schema", schema)));
    }

    static ConsumerReports in(DataSource dataSource, Optional<String> schema) {
        return new ConsumerReports(dataSource, schema);
    }

    /**
     * Returns the performance of every service that has a row in {@code pipeline_consumer_configs} or has reported in
     * the last day.
     *
     * @return the services, the one with the largest mean lag first
     * @throws TelemetryException if the database fails
     */
    public List<ConsumerPerformance> performance() {
        return query(
                "SELECT * FROM {v_consumer_performance_monitor} ORDER BY avg_lag DESC, service_name",
                Map.of(),
                (row, context) -> performance(row));
    }

    /**
     * Returns the services that need attention.
     *
     * @return the services, those that need action first
     * @throws TelemetryException if the database fails
     */
    public List<ConsumerAlert> alerts() {
        return query("""
                SELECT * FROM {v_consumer_alerts} ORDER BY array_position(
                    ARRAY['IMMEDIATE_ACTION', 'INVESTIGATE', 'MONITOR'], action_required), service_name""", Map.of(), (row, context) -> alert(row));
    }

    /**
     * Returns the recommended changes of settings, by the samples of the last hour.
     *
     * @return recommendations by service and setting
     * @throws TelemetryException if the database fails
     */
    public List<ConsumerRecommendation> recommendations() {
        Object session = ConsumerSetting.SESSION_TIMEOUT_MS.defaultValue().orElseThrow();
        return query(RECOMMENDATIONS, Map.of("session", session), (row, context) -> recommendation(row));
    }

    /**
     * Returns the performance of a service, hour by hour, in the last 7 days.
     *
     * @param service the service's name
     * @param from the earliest begin of an hour
     * @param to the end of the range, before which the last hour begins
     * @return the hours in which it has reported
     * @throws IllegalArgumentException if a time is not between the years 1 and 9999
     * @throws TelemetryException if the database fails
     */
    public List<PerformanceHour> history(String service, Instant from, Instant to) {
        Map<String, Object> limits = Map.of(
                "service", requireNonNull(service, "service"),
                "from", StorableTime.of("from", from),
                "to", StorableTime.of("to", to));
        return query(
                "SELECT * FROM {v_consumer_performance_history} WHERE service_name = :service"
                        + " AND \"timestamp\" >= :from AND \"timestamp\" < :to ORDER BY \"timestamp\"",
                limits,
                (row, context) -> hour(row));
    }

    private <R> List<R> query(String template, Map<String, Object> parameters, RowMapper<R> mapper) {
        String sql = Identifier.qualifyAll(schema, template);
        return transactions.call(
                "reports",
                connection -> Jdbi.create(connection)
                        .withHandle(handle -> handle.createQuery(sql)
                                .bindMap(parameters)
                                .map(mapper)
                                .list()));
    }

    private static ConsumerPerformance performance(ResultSet row) throws SQLException {
        return new ConsumerPerformance(
                row.getString("service_name"),
                row.getString("consumer_group_id"),
                integer(row, "current_total_lag"),
                row.getDouble("avg_lag"),
                row.getLong("max_lag"),
                Optional.ofNullable(row.getObject("last_lag_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                age(row),
                row.getString("lag_status"),
                number(row, "avg_processing_time_ms"),
                row.getInt("max_poll_interval_ms"),
                row.getString("processing_speed"),
                number(row, "avg_batch_size"),
                row.getInt("max_poll_records"),
                number(row, "avg_messages_per_second"),
                number(row, "error_rate"),
                row.getString("recommendation"));
    }

    private static Optional<Duration> age(ResultSet row) throws SQLException {
        OptionalDouble seconds = number(row, "lag_age_seconds");
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds((long) seconds.getAsDouble())) : Optional.empty();
    }

    private static ConsumerAlert alert(ResultSet row) throws SQLException {
        return new ConsumerAlert(
                row.getString("service_name"),
                row.getString("consumer_group_id"),
                row.getString("lag_status"),
                integer(row, "current_total_lag"),
                age(row),
                row.getString("processing_speed"),
                number(row, "error_rate"),
                ConsumerAlert.Action.valueOf(row.getString("action_required")),
                row.getString("recommendation"));
    }

    private static ConsumerRecommendation recommendation(ResultSet row) throws SQLException {
        return new ConsumerRecommendation(
                row.getString("service_name"),
                ConsumerSetting.ofColumn(row.getString("setting")).orElseThrow(),
                row.getInt("value"),
                ConsumerRecommendation.Direction.valueOf(row.getString("direction")),
                row.getString("reason"),
                ConsumerRecommendation.Priority.valueOf(row.getString("priority")));
    }

    private static PerformanceHour hour(ResultSet row) throws SQLException {
        return new PerformanceHour(
                row.getString("service_name"),
                row.getObject("timestamp", OffsetDateTime.class).toInstant(),
                number(row, "avg_lag"),
                integer(row, "max_lag"),
                number(row, "avg_processing_time_ms"),
                number(row, "avg_batch_size"),
                number(row, "avg_messages_per_second"),
                integer(row, "messages_processed"),
                integer(row, "messages_failed"),
                number(row, "error_rate"));
    }

    private static OptionalDouble number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static OptionalLong integer(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
