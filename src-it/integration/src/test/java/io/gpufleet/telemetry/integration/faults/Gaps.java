package io.gpufleet.telemetry.integration.faults;

import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The moves of positions in the tables: the skipped records. Immutable. */
final class Gaps implements Predicate<LogRecord> {
    private record Gap(LogRecord.Log from, long fromOffset, LogRecord.Log to, long toOffset) {
        boolean covers(LogRecord record) {
            if (from.equals(to)) {
                return record.log().equals(from) && record.offset() >= fromOffset && record.offset() < toOffset;
            }
            return (record.log().equals(from) && record.offset() >= fromOffset)
                    || (record.log().equals(to) && record.offset() < toOffset);
        }
    }

    private final List<Gap> gaps;

    private Gaps(List<Gap> gaps) {
        this.gaps = gaps;
    }

    static Gaps read(DataSource database) {
        return new Gaps(Jdbi.create(database)
                .withHandle(handle -> handle.createQuery(
                                "SELECT partition, from_topic_id, from_offset, to_topic_id, to_offset FROM consumption_gaps")
                        .map((row, context) -> new Gap(
                                new LogRecord.Log(row.getObject("from_topic_id", UUID.class), row.getInt("partition")),
                                row.getLong("from_offset"),
                                new LogRecord.Log(row.getObject("to_topic_id", UUID.class), row.getInt("partition")),
                                row.getLong("to_offset")))
                        .list()));
    }

    /** Returns whether a record is in a gap. */
    @Override
    public boolean test(LogRecord record) {
        return gaps.stream().anyMatch(gap -> gap.covers(record));
    }
}
