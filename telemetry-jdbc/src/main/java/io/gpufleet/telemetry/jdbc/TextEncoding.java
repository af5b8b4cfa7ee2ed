package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** The characters that the encoding of a database holds for certain. */
enum TextEncoding {
    /** All of them: UTF8, and SQL_ASCII, which takes the bytes as they come. */
    UNICODE {
        @Override
        boolean holds(int character) {
            return true;
        }
    },
    /** Those up to U+00FF. */
    LATIN1 {
        @Override
        boolean holds(int character) {
            return character <= 0xff;
        }
    },
    /** Those that every encoding has. The tables of the others are PostgreSQL's own. */
    ASCII {
        @Override
        boolean holds(int character) {
            return character < 0x80;
        }
    };

    private static final String REPLACEMENT = "\ufffd";

    /** Asks a database. */
    static TextEncoding of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT getdatabaseencoding()")) {
            row.next();
            return switch (row.getString(1)) {
                case "UTF8", "SQL_ASCII" -> UNICODE;
                case "LATIN1" -> LATIN1;
                default -> ASCII;
            };
        }
    }

    abstract boolean holds(int character);

    /** The character, or what stands in its place. */
    String stored(int character) {
        boolean isText = character != 0 && Character.getType(character) != Character.SURROGATE;
        if (isText && holds(character)) {
            return Character.toString(character);
        }
        return this == UNICODE
                ? REPLACEMENT
                : String.format(Locale.ROOT, character > 0xffff ? "\\U%08X" : "\\u%04X", character);
    }
}
