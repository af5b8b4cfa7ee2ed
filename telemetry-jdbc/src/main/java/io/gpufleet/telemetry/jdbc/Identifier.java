package io.gpufleet.telemetry.jdbc;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Names of tables and columns, checked and quoted, so that none of them is ever taken for SQL. */
final class Identifier {
    /** PostgreSQL cuts longer names silently. */
    private static final int MAX_CHARACTERS = 63;

    private Identifier() {}

    /**
     * Checks a name.
     *
     * @param what what it names, for the error
     * @param name letters, digits and underscores that do not begin with a digit, at most 63
     * @return the name
     */
    static String check(String what, String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*") || name.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(what + ": \"" + name + "\" is not a name of at most " + MAX_CHARACTERS
                    + " letters, digits and underscores that begins with a letter or an underscore");
        }
        return name;
    }

    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String quoteAll(Collection<String> names) {
        return names.stream().map(Identifier::quote).collect(Collectors.joining(", "));
    }

    /** A table in a schema, or wherever the search path finds it. */
    static String qualify(Optional<String> schema, String table) {
        return schema.map(name -> quote(name) + '.').orElse("") + quote(table);
    }
}
