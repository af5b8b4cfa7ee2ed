package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.jdbc.internal.StorableTime;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A selection of dead letters for a {@link DeadLetterReplayer}: those of its group that meet all conditions and were
 * not replayed yet. Immutable.
 */
public final class DeadLetterSelection {
    private static final DeadLetterSelection ALL = new DeadLetterSelection(List.of());

    private final List<Criterion> criteria;

    /** An SQL condition with its parameter. Immutable. */
    private record Criterion(String condition, Object value) {}

    private DeadLetterSelection(List<Criterion> criteria) {
        this.criteria = criteria;
    }

    /**
     * Selects all of the group's dead letters.
     *
     * @return a selection to narrow down
     */
    public static DeadLetterSelection all() {
        return ALL;
    }

    /**
     * Selects one dead letter.
     *
     * @param id the letter's id, 1 or more
     * @return a selection of one letter, or of none if it belongs to another group or was replayed already
     */
    public static DeadLetterSelection one(long id) {
        if (id < 1) {
            throw new IllegalArgumentException("id: " + id + " is not 1 or more");
        }
        return ALL.and("id = ?", id);
    }

    /**
     * Narrows the selection to a topic.
     *
     * @param name the topic of the records, even if it was recreated since
     * @return another selection
     */
    public DeadLetterSelection topic(String name) {
        return and("topic = ?", notEmpty("topic", name));
    }

    /**
     * Narrows the selection to the records that one stage refused.
     *
     * @param refusedBy the stage
     * @return another selection
     */
    public DeadLetterSelection stage(DeadLetter.Stage refusedBy) {
        return and("stage = ?", refusedBy.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Narrows the selection to letters with a reason that contains a text.
     *
     * @param text not empty; case-sensitive
     * @return another selection
     */
    public DeadLetterSelection reason(String text) {
        return and(
                "EXISTS (SELECT FROM unnest(reasons) AS r(reason) WHERE position(? IN reason) > 0)",
                notEmpty("reason", text));
    }

    /**
     * Narrows the selection to records dead-lettered at a time or later.
     *
     * @param time between the years 1 and 9999
     * @return another selection
     */
    public DeadLetterSelection since(Instant time) {
        return and("created_at >= ?", StorableTime.of("since", time));
    }

    /**
     * Narrows the selection to records dead-lettered before a time.
     *
     * @param time between the years 1 and 9999; a record dead-lettered at exactly this time is not selected
     * @return another selection
     */
    public DeadLetterSelection until(Instant time) {
        return and("created_at < ?", StorableTime.of("until", time));
    }

    private DeadLetterSelection and(String condition, Object value) {
        List<Criterion> more = new ArrayList<>(criteria);
        more.add(new Criterion(condition, value));
        return new DeadLetterSelection(List.copyOf(more));
    }

    private static String notEmpty(String name, String text) {
        if (requireNonNull(text, name).isEmpty()) {
            throw new IllegalArgumentException(name + ": empty");
        }
        return text;
    }

    /** Returns the SQL for the conditions, to be appended to another condition. */
    String conditions() {
        StringBuilder conditions = new StringBuilder();
        criteria.forEach(criterion -> conditions.append(" AND ").append(criterion.condition));
        return conditions.toString();
    }

    /** Sets the parameters of the conditions, starting at an index; returns the next free index. */
    int bind(PreparedStatement statement, int first) throws SQLException {
        int next = first;
        for (Criterion criterion : criteria) {
            statement.setObject(next++, stored(criterion.value, statement));
        }
        return next;
    }

    /** Returns a text in the form in which the database stores it. */
    private static Object stored(Object value, PreparedStatement statement) throws SQLException {
        return value instanceof String text
                ? requireNonNull(StorableText.of(new String[] {text}, statement.getConnection())[0], "text")
                : value;
    }
}
