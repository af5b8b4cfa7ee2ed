package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** The characters that the encoding of a database certainly holds. */
enum TextEncoding {
    /** All characters: UTF8, and SQL_ASCII, which takes the bytes unchanged. */
    UNICODE {
        @Override
        boolean holds(int character) {
            return true;
        }
    },
    /** The characters up to U+00FF. */
    LATIN1 {
        @Override
        boolean holds(int character) {
            return character <= 0xff;
        }
    },
    /** The characters of every encoding. The tables of the other encodings are PostgreSQL's own. */
    ASCII {
        @Override
        boolean holds(int character) {
            return character < 0x80;
        }
    };

    private static final String REPLACEMENT = "\ufffd";

    /** Returns the encoding of a connection's database. */
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

    /** Returns the character, or its replacement. */
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
