package io.gpufleet.telemetry.integration.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * The refused lines of scrapes whose other lines are stored, compared with the dead letters of the stage {@code sample}
 * and the counts beside them. Which record has the letter of a fault depends on the faults of the run; that there is
 * one within a day, and what it holds, does not. Belongs to one thread.
 */
final class RefusedRows {
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final String UUID = "UUID=\"";
    private static final String PREFIX = "GPU-";
    private static final int EXAMPLES = 3;

    /** The records whose letter has not as many lines as were refused and not only counted. */
    private static final String MISCOUNTED = """
            SELECT concat_ws(' ', topic_id, partition, kafka_offset) AS place
            FROM (SELECT topic_id, partition, kafka_offset, sum(refused - repeated) AS kept
                  FROM audit_refused GROUP BY 1, 2, 3) AS a
            LEFT JOIN dead_letters AS d USING (topic_id, partition, kafka_offset)
            WHERE kept <> CASE WHEN d.stage IS NULL THEN 0 WHEN d.stage = 'sample' THEN cardinality(d.reasons) ELSE 1 END
            ORDER BY 1
            """;

    private static final String LETTERS = """
            SELECT concat_ws(' ', topic_id, partition, kafka_offset) AS place, value,
                array_to_string(reasons, chr(10)) AS reasons
            FROM dead_letters WHERE stage = 'sample' ORDER BY 1
            """;

    /**
     * A refused line.
     *
     * @param line its text
     * @param reason the reason with the number of the line
     * @param kind its GPU and metric as far as they can be read, and the reason without numbers
     * @param millis the timestamp of its record
     */
    private record Row(String line, String reason, String kind, long millis) {
        static Row of(String line, String reason, long millis) {
            String metric = line.substring(0, Math.max(0, line.indexOf('{')));
            String fault = reason.substring(reason.indexOf(": ")).replaceAll("[0-9]+", "0");
            return new Row(line, reason, gpu(line) + ' ' + metric + fault, millis);
        }

        /** Returns the UUID, or its beginning in a line that was cut. */
        private static String gpu(String line) {
            int from = line.indexOf(UUID) + UUID.length();
            if (!line.contains(UUID) || !line.startsWith(PREFIX, from)) {
                return "";
            }
            int to = line.indexOf('"', from);
            String gpu = line.substring(from, to < 0 ? line.length() : to);
            return gpu.equals(PREFIX) ? "" : gpu;
        }
    }

    private record Letter(String place, String text, String reasons) {}

    private final Map<String, List<Row>> refused = new TreeMap<>();

    /** Adds the refused lines of a record, by their reasons: {@code line 3: label set not closed}. */
    void add(LogRecord record, List<String> reasons) {
        String[] lines = new String(record.value(), UTF_8).split("\n", -1);
        List<Row> rows = new ArrayList<>();
        for (String reason : reasons) {
            int number = Integer.parseInt(reason.substring("line ".length(), reason.indexOf(':')));
            rows.add(Row.of(lines[number - 1], reason, record.timestampMillis()));
        }
        refused.put(record.place(), rows);
    }

    /** Returns what is wrong, a line for each kind of fault. */
    List<String> complaints(DataSource database) {
        List<String> wrong = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        Map<String, List<Long>> kept = new HashMap<>();
        Map<String, List<Row>> rest = new TreeMap<>(refused);
        for (Letter letter : letters(database)) {
            List<Row> others = new ArrayList<>(rest.getOrDefault(letter.place(), List.of()));
            List<Row> rows = take(letter, others);
            if (rows.isEmpty() || !letter.text().equals(text(letter, rows))) {
                wrong.add(letter.place() + " has " + letter.reasons());
            }
            rows.forEach(row ->
                    kept.computeIfAbsent(row.kind(), kind -> new ArrayList<>()).add(row.millis()));
            rest.put(letter.place(), others);
        }
        rest.forEach((place, rows) -> rows.stream()
                .filter(row -> kept.getOrDefault(row.kind(), List.of()).stream()
                        .noneMatch(millis -> Math.abs(millis - row.millis()) < DAY_MILLIS))
                .forEach(row -> lost.add(place + ' ' + row.reason())));
        List<String> complaints = new ArrayList<>();
        complain("letters of other lines than the refused ones", wrong, complaints);
        complain("refused lines without a letter of their kind within a day", lost, complaints);
        complain("letters that do not agree with the counts", miscounted(database), complaints);
        return complaints;
    }

    /** Takes the rows of a letter's reasons out of those of its record; none if one is not there. */
    private static List<Row> take(Letter letter, List<Row> rows) {
        List<String> reasons = letter.reasons().lines().toList();
        List<Row> taken =
                rows.stream().filter(row -> reasons.contains(row.reason())).toList();
        if (!taken.stream().map(Row::reason).toList().equals(reasons)) {
            return List.of();
        }
        rows.removeAll(taken);
        return taken;
    }

    /** Returns the text that a letter must have, with the comments that it has. */
    private static String text(Letter letter, List<Row> rows) {
        StringBuilder text = new StringBuilder();
        int row = 0;
        for (String line : letter.text().lines().toList()) {
            boolean isComment = line.startsWith("# TYPE ");
            text.append(isComment || row == rows.size() ? line : rows.get(row).line())
                    .append('\n');
            row += isComment ? 0 : 1;
        }
        return row == rows.size() ? text.toString() : "";
    }

    private static List<Letter> letters(DataSource database) {
        return Jdbi.create(database)
                .withHandle(handle -> handle.createQuery(LETTERS)
                        .map((row, context) -> new Letter(
                                row.getString("place"),
                                new String(row.getBytes("value"), UTF_8),
                                row.getString("reasons")))
                        .list());
    }

    private static List<String> miscounted(DataSource database) {
        return Jdbi.create(database)
                .withHandle(handle ->
                        handle.createQuery(MISCOUNTED).mapTo(String.class).list());
    }

    private static void complain(String what, List<String> found, List<String> complaints) {
        if (!found.isEmpty()) {
            complaints.add("dead_letters: " + found.size() + " " + what + ", the first "
                    + found.stream().limit(EXAMPLES).toList());
        }
    }
}
