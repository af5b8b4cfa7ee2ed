package io.gpufleet.telemetry.integration.faults;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The expected tables after every record of the log was applied once: plain maps, without any code of the product. Rows
 * are texts as {@link StoredTable} reads them. Belongs to one thread.
 */
final class ReferenceModel {
    private final Cargo cargo;
    private final List<LogRecord> accepted = new ArrayList<>();
    private final List<LogRecord> refused = new ArrayList<>();
    private final Set<String> aborted = new HashSet<>();

    ReferenceModel(Cargo cargo) {
        this.cargo = cargo;
    }

    /** Reports that the record at a place does not count, since its producer has aborted its transaction. */
    void abort(String place) {
        aborted.add(place);
    }

    /** Adds a record of the log, which counts unless its transaction was aborted. */
    void add(LogRecord source) {
        if (aborted.contains(source.place())) {
            return;
        }
        (cargo.isAccepted(source) ? accepted : refused).add(source);
    }

    long records() {
        return (long) accepted.size() + refused.size();
    }

    long refused() {
        return refused.size();
    }

    /** Returns the number of records that do not count. */
    long aborted() {
        return aborted.size();
    }

    /** Returns the records that must be applied, all of them or a part. */
    List<LogRecord> accepted(Predicate<LogRecord> lost) {
        return accepted.stream().filter(lost.negate()).toList();
    }

    /** Returns the logs with records. */
    Set<LogRecord.Log> logs() {
        Set<LogRecord.Log> logs = new HashSet<>();
        refused.forEach(record -> logs.add(record.log()));
        accepted.forEach(record -> logs.add(record.log()));
        return logs;
    }

    /** Returns the matching records, good or not. */
    List<LogRecord> matching(Predicate<LogRecord> wanted) {
        List<LogRecord> all = new ArrayList<>(refused);
        all.addAll(accepted);
        all.removeIf(wanted.negate());
        return all;
    }

    /**
     * Returns the rows of every table.
     *
     * @param lost the records that the log has lost before their consumption
     */
    Map<StoredTable, Map<String, String>> tables(Predicate<LogRecord> lost) {
        Map<StoredTable, Map<String, String>> tables = new LinkedHashMap<>();
        StoredTable.BASE.forEach(table -> tables.put(table, new TreeMap<>()));
        cargo.tables().forEach(table -> tables.put(table, new TreeMap<>()));
        List<LogRecord> kept = accepted(lost);
        kept.forEach(record -> tables.get(StoredTable.AUDIT).put(record.place(), "1"));
        refused.stream()
                .filter(lost.negate())
                .forEach(record -> tables.get(StoredTable.DEAD_LETTERS).put(record.place(), letter(record)));
        matching(lost.negate()).forEach(record -> putRefused(record, tables.get(StoredTable.AUDIT_REFUSED)));
        cargo.putRows(kept, tables);
        return tables;
    }

    private void putRefused(LogRecord record, Map<String, String> table) {
        int values = cargo.refusedValues(record);
        if (values > 0) {
            table.put(record.place(), Integer.toString(values));
        }
    }

    private static String letter(LogRecord record) {
        return (record.key() == null ? "-" : md5(record.key())) + " " + md5(record.value()) + " "
                + record.timestampMillis();
    }

    static String md5(byte[] bytes) {
        try {
            return "%032x"
                    .formatted(
                            new BigInteger(1, MessageDigest.getInstance("MD5").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
