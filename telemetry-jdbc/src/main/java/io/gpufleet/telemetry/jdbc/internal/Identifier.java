package io.gpufleet.telemetry.jdbc.internal;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The check and the quotes of table and column names, so that a name is never read as SQL. */
public final class Identifier {
    /** The length beyond which PostgreSQL silently cuts a name. */
    private static final int MAX_CHARACTERS = 63;

    private static final Pattern TABLE = Pattern.compile("\\{([a-z_]+)}");

    private Identifier() {}

    /**
     * Checks a name.
     *
     * @param what the subject of the error
     * @param name letters, digits and underscores that do not begin with a digit, at most 63
     * @return the name
     */
    public static String check(String what, String name) {
        if (!requireNonNull(name, what).matches("[A-Za-z_][A-Za-z0-9_]*") || name.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(what + ": \"" + name + "\" is not a name of at most " + MAX_CHARACTERS
                    + " letters, digits and underscores that begins with a letter or an underscore");
        }
        return name;
    }

    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    public static String quoteAll(Collection<String> names) {
        return names.stream().map(Identifier::quote).collect(Collectors.joining(", "));
    }

    /**
     * Returns a statement whose table names in braces, as in {@code {heartbeat}}, are replaced by the names of those
     * tables in a schema.
     */
    public static String qualifyAll(Optional<String> schema, String template) {
        return TABLE.matcher(template).replaceAll(table -> Matcher.quoteReplacement(qualify(schema, table.group(1))));
    }

    /** Returns the name of a table in a schema, or in the search path. */
    public static String qualify(Optional<String> schema, String table) {
        return schema.map(name -> quote(name) + '.').orElse("") + quote(table);
    }
}
