package io.gpufleet.telemetry.integration.faults;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The expected tables after every record of the log was applied once: plain maps, without any code of the product. Rows
 * are texts as {@link StoredTables} reads them. Belongs to one thread.
 */
final class ReferenceModel {
    private record Accepted(LogRecord source, WireHeartbeat heartbeat) {}

    private final List<Accepted> accepted = new ArrayList<>();
    private final List<LogRecord> refused = new ArrayList<>();
    private final Set<String> aborted = new HashSet<>();

    /** Reports that the record at a place does not count, since its producer has aborted its transaction. */
    void abort(String place) {
        aborted.add(place);
    }

    /** Adds a record of the log, which counts unless its transaction was aborted. */
    void add(LogRecord source) {
        if (aborted.contains(source.place())) {
            return;
        }
        Optional<WireHeartbeat> heartbeat = WireHeartbeat.accepted(source);
        heartbeat.ifPresentOrElse(value -> accepted.add(new Accepted(source, value)), () -> refused.add(source));
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

    /** Returns the number of records that must be applied. */
    long accepted(Predicate<LogRecord> lost) {
        return accepted.stream().filter(record -> !lost.test(record.source())).count();
    }

    /** Returns the logs with records. */
    Set<LogRecord.Log> logs() {
        Set<LogRecord.Log> logs = new HashSet<>();
        refused.forEach(record -> logs.add(record.log()));
        accepted.forEach(record -> logs.add(record.source().log()));
        return logs;
    }

    /** Returns the matching records, good or not. */
    List<LogRecord> matching(Predicate<LogRecord> wanted) {
        List<LogRecord> all = new ArrayList<>(refused);
        accepted.forEach(record -> all.add(record.source()));
        all.removeIf(wanted.negate());
        return all;
    }

    /**
     * Returns the rows of every table.
     *
     * @param lost the records that the log has lost before their consumption
     */
    Map<StoredTables, Map<String, String>> tables(Predicate<LogRecord> lost) {
        Map<StoredTables, Map<String, String>> tables = new TreeMap<>();
        for (StoredTables table : StoredTables.values()) {
            tables.put(table, new TreeMap<>());
        }
        Map<String, WireHeartbeat> once = new TreeMap<>();
        accepted.stream().filter(record -> !lost.test(record.source())).forEach(record -> {
            tables.get(StoredTables.AUDIT).put(record.source().place(), "1");
            once.putIfAbsent(
                    record.heartbeat().client() + " " + record.heartbeat().millis(), record.heartbeat());
        });
        refused.stream()
                .filter(lost.negate())
                .forEach(record -> tables.get(StoredTables.DEAD_LETTERS).put(record.place(), letter(record)));
        once.forEach((key, heartbeat) -> tables.get(StoredTables.HEARTBEAT).put(key, heartbeat(heartbeat)));
        putStatistics(once.values(), tables);
        putNewest(once.values(), tables);
        return tables;
    }

    private static String letter(LogRecord record) {
        return (record.key() == null ? "-" : md5(record.key())) + " " + md5(record.value()) + " "
                + record.timestampMillis();
    }

    private static String md5(byte[] bytes) {
        try {
            return "%032x"
                    .formatted(
                            new BigInteger(1, MessageDigest.getInstance("MD5").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String heartbeat(WireHeartbeat h) {
        return row(h.cpu(), h.memory(), h.disk(), h.sent(), h.received());
    }

    /** Sums by day; the last element of each is the newest time. */
    private static void putStatistics(
            Iterable<WireHeartbeat> heartbeats, Map<StoredTables, Map<String, String>> tables) {
        Map<String, long[]> clients = new TreeMap<>();
        Map<String, long[]> devices = new TreeMap<>();
        for (WireHeartbeat h : heartbeats) {
            LocalDate day = LocalDate.ofInstant(Instant.ofEpochMilli(h.millis()), ZoneOffset.UTC);
            add(clients, h.client() + " " + day, h.millis(), h.cpu(), h.memory(), h.disk(), h.received(), h.sent());
            for (int index = 0; index < h.devices().size(); index++) {
                WireHeartbeat.Device d = h.devices().get(index);
                String key = h.client() + " " + index + " " + day;
                add(devices, key, h.millis(), d.usage(), d.temperature(), d.power(), d.memory());
            }
        }
        clients.forEach((key, s) -> tables.get(StoredTables.CLIENT_DAILY_STATS)
                .put(key, row(s[0], s[1], s[2], s[3], s[4], s[5], s[6], mean(s, 1), mean(s, 2), mean(s, 3))));
        devices.forEach((key, s) -> tables.get(StoredTables.DEVICE_DAILY_STATS)
                .put(key, row(s[0], s[1], s[2], s[3], s[4], s[5], mean(s, 1), mean(s, 2), mean(s, 3), mean(s, 4))));
    }

    private static void add(Map<String, long[]> sums, String key, long millis, long... values) {
        long[] sum = sums.computeIfAbsent(key, none -> new long[values.length + 2]);
        sum[0]++;
        for (int i = 0; i < values.length; i++) {
            sum[i + 1] += values[i];
        }
        sum[values.length + 1] = Math.max(sum[values.length + 1], millis);
    }

    private static BigDecimal mean(long[] sums, int column) {
        return BigDecimal.valueOf(sums[column])
                .divide(BigDecimal.valueOf(sums[0]), StoredTables.DECIMALS, RoundingMode.HALF_UP);
    }

    /**
     * Returns the newest heartbeat of each client, and the devices of the newest one that names them or reports none.
     */
    private static void putNewest(Iterable<WireHeartbeat> heartbeats, Map<StoredTables, Map<String, String>> tables) {
        Map<String, WireHeartbeat> newest = new TreeMap<>();
        Map<String, WireHeartbeat> naming = new TreeMap<>();
        for (WireHeartbeat h : heartbeats) {
            newest.merge(h.client(), h, ReferenceModel::newer);
            if (!h.devices().isEmpty() || h.deviceCount() == 0) {
                naming.merge(h.client(), h, ReferenceModel::newer);
            }
        }
        newest.forEach((client, h) ->
                tables.get(StoredTables.SYSTEM_INFO).put(client, state(h, Optional.ofNullable(naming.get(client)))));
        naming.values().forEach(h -> {
            for (int index = 0; index < h.devices().size(); index++) {
                tables.get(StoredTables.DEVICE_INFO)
                        .put(h.client() + " " + index, device(h.devices().get(index), h.millis()));
            }
        });
    }

    private static WireHeartbeat newer(WireHeartbeat one, WireHeartbeat other) {
        return one.millis() >= other.millis() ? one : other;
    }

    private static String state(WireHeartbeat h, Optional<WireHeartbeat> naming) {
        return row(
                h.cpu(),
                h.memory(),
                h.disk(),
                h.tflops(),
                h.millis(),
                h.memoryGb(),
                h.deviceCount(),
                naming.<Object>map(WireHeartbeat::millis).orElse("-"));
    }

    private static String device(WireHeartbeat.Device d, long millis) {
        return row(
                d.model(),
                d.vendor(),
                d.memory(),
                d.usage(),
                d.power(),
                d.temperature(),
                millis,
                d.memoryGb(),
                d.powerLimit());
    }

    private static String row(Object... values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(value.toString());
        }
        return String.join(" ", texts);
    }
}
