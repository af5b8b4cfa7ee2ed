package io.gpufleet.telemetry.internal;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/** Checks of the names that a host passes; an error gives the value and what is allowed. */
public final class Arguments {
    /** The topic names that Kafka allows; {@code .} and {@code ..} are not among them. */
    private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

    /** Kafka has no limit, but PostgreSQL's index of positions has. */
    private static final int LONGEST_GROUP = 1_000;

    private Arguments() {}

    /**
     * Checks a text that must not be blank.
     *
     * @param name the parameter's name
     * @param value its value
     * @return the value
     */
    public static String text(String name, String value) {
        if (requireNonNull(value, name).isBlank()) {
            throw new IllegalArgumentException(name + ": \"" + value + "\" is blank");
        }
        return value;
    }

    /**
     * Checks the name of a topic.
     *
     * @param name the parameter's name
     * @param value its value
     * @return the value
     */
    public static String topic(String name, String value) {
        if (!TOPIC.matcher(text(name, value)).matches()) {
            throw new IllegalArgumentException(name + ": \"" + printable(value)
                    + "\" is not a name of 1 to 249 letters, digits, dots, underscores and hyphens");
        }
        return value;
    }

    /**
     * Checks the name of a group.
     *
     * @param name the parameter's name
     * @param value its value
     * @return the value
     */
    public static String group(String name, String value) {
        text(name, value);
        if (value.length() > LONGEST_GROUP || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(name + ": \"" + printable(value) + "\" is not a name of 1 to "
                    + LONGEST_GROUP + " characters without control characters");
        }
        return value;
    }

    /** Returns the value in one line of limited length. */
    private static String printable(String value) {
        String line = value.replaceAll("\\p{Cntrl}", "?");
        return line.length() > LONGEST_GROUP ? line.substring(0, LONGEST_GROUP) + "…" : line;
    }
}
