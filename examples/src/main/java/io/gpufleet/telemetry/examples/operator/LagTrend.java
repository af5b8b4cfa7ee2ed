package io.gpufleet.telemetry.examples.operator;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The recent lag of groups, as their ConsumerMonitors have reported it. Immutable. */
final class LagTrend {
    private static final int MINUTES = 15;

    private static final String SQL = """
            SELECT consumer_group_id, topic, minute, sum(lag)::bigint FROM (
                SELECT DISTINCT ON (consumer_group_id, topic, partition, minute) consumer_group_id, topic, lag, minute
                FROM (
                    SELECT consumer_group_id, topic, partition, lag, "timestamp", id,
                        floor(extract(epoch FROM now() - "timestamp") / 60)::integer AS minute
                    FROM {consumer_lag_history} WHERE "timestamp" > now() - interval '15 minutes') AS samples
                ORDER BY consumer_group_id, topic, partition, minute, "timestamp" DESC, id DESC) AS newest
            GROUP BY consumer_group_id, topic, minute""";

    private final Map<List<String>, Map<Integer, Long>> lags;

    private LagTrend(Map<List<String>, Map<Integer, Long>> lags) {
        this.lags = lags;
    }

    /** Returns the trend of a database without reports. */
    static LagTrend none() {
        return new LagTrend(Map.of());
    }

    static LagTrend read(Tables tables) throws SQLException {
        Map<List<String>, Map<Integer, Long>> lags = new HashMap<>();
        for (List<@Nullable Object> row : tables.rows(SQL)) {
            List<String> groupAndTopic = List.of(String.valueOf(row.get(0)), String.valueOf(row.get(1)));
            if (row.get(2) instanceof Integer minute && row.get(3) instanceof Long lag) {
                lags.computeIfAbsent(groupAndTopic, key -> new HashMap<>()).put(minute, lag);
            }
        }
        return new LagTrend(lags);
    }

    /** Returns the lag at the end of each of the last 15 minutes, the oldest first; none if nothing was reported. */
    List<OptionalLong> of(String group, String topic) {
        Map<Integer, Long> minutes = lags.get(List.of(group, topic));
        List<OptionalLong> figures = new ArrayList<>();
        for (int minute = MINUTES - 1; minutes != null && minute >= 0; minute--) {
            Long lag = minutes.get(minute);
            figures.add(lag == null ? OptionalLong.empty() : OptionalLong.of(lag));
        }
        return figures;
    }
}
