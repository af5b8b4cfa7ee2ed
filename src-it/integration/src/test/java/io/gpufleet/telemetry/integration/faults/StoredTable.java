package io.gpufleet.telemetry.integration.faults;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * A table to compare, read row by row as keys and rows of text: a long run has more than fit into memory twice.
 * Immutable.
 *
 * @param name its name
 * @param key the SQL of a row's key
 * @param row the SQL of the rest of the row
 * @param source the SQL after FROM
 */
record StoredTable(String name, String key, String row, String source) {
    /** Every accepted record, as often as it was applied. */
    static final StoredTable AUDIT =
            new StoredTable("audit", place(), "count(*)", "audit GROUP BY topic_id, partition, kafka_offset");

    /** The records of which nothing is stored. */
    static final StoredTable DEAD_LETTERS = new StoredTable(
            "dead_letters",
            place(),
            "concat_ws(' ', coalesce(md5(key), '-'), md5(value), " + millis("record_timestamp") + ")",
            "dead_letters WHERE stage <> 'sample'");

    /** The number of refused values of every record with some, in a dead letter or counted only. */
    static final StoredTable AUDIT_REFUSED = new StoredTable(
            "audit_refused", place(), "sum(refused)", "audit_refused GROUP BY topic_id, partition, kafka_offset");

    /** The tables of every cargo. */
    static final List<StoredTable> BASE = List.of(AUDIT, AUDIT_REFUSED, DEAD_LETTERS);

    private static final int FETCHED = 10_000;

    private static String place() {
        return "concat_ws(' ', topic_id, partition, kafka_offset)";
    }

    static String millis(String column) {
        return "(extract(epoch FROM " + column + ") * 1000)::bigint";
    }

    /** Hands out all rows, a key twice if it is there twice. */
    void forEach(DataSource database, BiConsumer<String, String> rows) {
        String sql = "SELECT " + key + " AS k, (" + row + ")::text AS r FROM " + source;
        Jdbi.create(database)
                .useTransaction(handle -> handle.createQuery(sql)
                        .setFetchSize(FETCHED)
                        .map((found, context) -> Map.entry(found.getString("k"), found.getString("r")))
                        .useIterator(
                                found -> found.forEachRemaining(row -> rows.accept(row.getKey(), row.getValue()))));
    }

    @Override
    public String toString() {
        return name;
    }
}
