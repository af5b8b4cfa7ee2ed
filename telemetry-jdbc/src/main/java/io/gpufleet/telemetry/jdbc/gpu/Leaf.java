package io.gpufleet.telemetry.jdbc.gpu;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A partition without partitions of its own, within the bounds of the partition of the table that it belongs to.
 * Immutable.
 *
 * @param name its name with its schema, quoted as needed
 * @param lower its lower bound; absent if it has none, such as the default partition
 * @param upper its upper bound; absent if it has none
 */
record Leaf(String name, Optional<Instant> lower, Optional<Instant> upper) {

    static Leaf of(ResultSet row) throws SQLException {
        return new Leaf(
                row.getString("name"),
                Optional.ofNullable(time(row, "lower")),
                Optional.ofNullable(time(row, "upper")));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** Returns the only day that its rows can have; absent if it holds others, too. */
    Optional<LocalDate> day() {
        return lower.map(time -> LocalDate.ofInstant(time, ZoneOffset.UTC))
                .filter(day -> upper.filter(end -> !end.isAfter(endOf(day))).isPresent());
    }

    private static Instant endOf(LocalDate day) {
        return day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
}
