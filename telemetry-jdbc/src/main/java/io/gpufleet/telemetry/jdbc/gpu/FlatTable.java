package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.stream.Collectors.joining;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;

/**
 * An old table with a row for each sample, whatever it is made of: partitions of any kind are read by their parent. Its
 * rows come as they are, {@link RowJson} makes them JSON. Immutable.
 */
final class FlatTable {
    private static final String DESCRIBE = """
            SELECT current_database() || '.' || n.nspname || '.' || c.relname, quote_ident(n.nspname) || '.'
                || quote_ident(c.relname), a.attname, a.atttypid::regtype::text
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.oid = to_regclass(?) ORDER BY a.attnum""";

    /** Of a name of another database, one of too many parts, and one that cannot be read. */
    private static final Set<String> NO_NAME = Set.of("0A000", "42601", "42602");

    /** A call without the right to it would end the transaction. */
    private static final String MAY_IDENTIFY =
            "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";

    private static final String IDENTIFY = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
    private static final Pattern ADDRESS = Pattern.compile("^jdbc:[^/]*//([^/?]*)");

    /** Times that a sample can have; others, infinite ones among them, are none. */
    private static final String IS_TIME = "%1$s >= '0001-01-01 00:00:00+00' AND %1$s < '10000-01-01 00:00:00+00'";

    private static final String ZONED = "timestamp with time zone";
    private static final String LOCAL = "timestamp without time zone";
    private static final String AT_UTC = " AT TIME ZONE 'UTC'";

    /** Types with a hash of their own that no setting of a session changes; others are hashed as texts. */
    private static final Set<String> HASHED = Set.of(
            ZONED,
            LOCAL,
            "date",
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "text",
            "character varying",
            "uuid",
            "bytea",
            "jsonb");

    /** Types whose texts are those of their values in JSON. */
    private static final Set<String> TEXTS = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "text",
            "character varying",
            "uuid");

    /** A sum, unlike an exclusive or, tells two equal rows from none. It is taken into the range of a bigint. */
    private static final String HASH = "count(*), (coalesce(sum(hash_record_extended(ROW(%s), 0)), 0)"
            + " %% 9223372036854775808)::bigint FROM %s";

    /** The owner of a database may have set others, with which texts round or shift values. */
    private static final String TEXT_SETTINGS = "SET LOCAL extra_float_digits = 3; SET LOCAL TimeZone = 'UTC';"
            + " SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';"
            + " SET LOCAL bytea_output = 'hex'";

    private final String name;
    private final String server;
    private final String hours;
    private final String hour;
    private final String timeless;
    private final String columns;
    private final String timelessColumns;
    private final String hash;
    private final List<Field> fields;

    /**
     * A column of the rows.
     *
     * @param name the name of its field in JSON
     * @param column the column, as SQL
     * @param isText whether it is read as a text, and not as JSON
     * @param isNeeded whether it is there though it is null
     */
    record Field(String name, String column, boolean isText, boolean isNeeded) {
        static Field of(String name, String column, String type) {
            boolean isNeeded = FlatColumns.NEEDED.contains(name);
            return new Field(name, Identifier.quote(column), isNeeded || TEXTS.contains(type), isNeeded);
        }

        private String selected() {
            if (isText) {
                return ", " + column + "::text";
            }
            return ", to_json(" + column + ")::text";
        }
    }

    private FlatTable(String name, String server, String table, FlatColumns columns, Map<String, String> types) {
        this.name = name;
        this.server = server;
        String timeColumn = columns.of(FlatColumns.TIME);
        String type = types.getOrDefault(timeColumn, "");
        boolean isLocal = type.equals(LOCAL);
        if (!isLocal && !type.equals(ZONED)) {
            throw new TelemetryException("table " + name + ": column " + timeColumn + " is of type " + type
                    + ", allowed are " + ZONED + " and " + LOCAL + " (of UTC)");
        }
        String column = Identifier.quote(timeColumn);
        String time = isLocal ? '(' + column + AT_UTC + ')' : column;
        String id = Identifier.quote(columns.of(FlatColumns.ID));
        String bound = isLocal ? "(?::timestamptz" + AT_UTC + ')' : "?";
        this.hash = HASH.formatted(ofSample(columns, types), table);
        this.hours = "SELECT CASE WHEN " + IS_TIME.formatted(time) + " THEN date_trunc('hour', " + time
                + ", 'UTC') ELSE '-infinity' END, " + hash + " GROUP BY 1 ORDER BY 1";
        this.hour = " WHERE " + column + " >= " + bound + " AND " + column + " < " + bound;
        this.timeless = " WHERE (" + IS_TIME.formatted(column) + ") IS NOT TRUE";
        this.fields = fields(columns, types);
        String begin = "SELECT " + id + "::text, CASE WHEN " + IS_TIME.formatted(time) + " THEN (extract(epoch FROM "
                + time + ") * 1000000)::bigint END, ";
        String end = fields.stream().map(Field::selected).collect(joining()) + " FROM " + table + " AS o%s ORDER BY o."
                + column + ", o." + id; // "id" alone is its text
        this.columns = begin + "NULL" + end;
        this.timelessColumns = begin + "coalesce(" + column + "::text, 'NULL')" + end;
    }

    /**
     * Finds a table and its columns.
     *
     * @param table its name, with its schema or without
     * @param given the columns that the host has named, by field
     * @throws IllegalArgumentException if the name is none
     * @throws TelemetryException if it is not there, or has not the columns that are needed
     */
    static FlatTable find(Connection connection, String table, Map<String, String> given) throws SQLException {
        String name = table;
        String quoted = table;
        Map<String, String> types = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(DESCRIBE)) {
            statement.setString(1, table);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    name = result.getString(1);
                    quoted = result.getString(2);
                    types.put(result.getString(3), result.getString(4));
                }
            }
        } catch (SQLException e) {
            if (NO_NAME.contains(String.valueOf(e.getSQLState()))) {
                throw noName(table, e);
            }
            throw e;
        }
        if (types.isEmpty()) {
            throw new TelemetryException("table " + table + " is not there, or not in the search path");
        }
        FlatColumns columns = FlatColumns.of(table, List.copyOf(types.keySet()), given);
        return new FlatTable(name, server(connection), quoted, columns, types);
    }

    private static IllegalArgumentException noName(String table, SQLException failure) {
        String words = failure instanceof PSQLException server && server.getServerErrorMessage() != null
                ? String.valueOf(server.getServerErrorMessage().getMessage())
                : String.valueOf(failure.getMessage());
        return new IllegalArgumentException(
                "table \"" + table + "\": " + words + "; allowed is the name of a table, with its schema or without");
    }

    /** Returns the identifier of the server, or its address for a user who may not read that. */
    private static String server(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean isReadable = text(statement, MAY_IDENTIFY).equals("t");
            return isReadable
                    ? text(statement, IDENTIFY)
                    : address(connection.getMetaData().getURL());
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    private static String address(String url) {
        Matcher address = ADDRESS.matcher(url);
        return address.find() ? address.group(1) : "";
    }

    /** Returns the id and what makes a sample, labels included. */
    private static String ofSample(FlatColumns columns, Map<String, String> types) {
        return columns.names().values().stream()
                .distinct()
                .sorted()
                .map(column -> hashed(Identifier.quote(column), types.getOrDefault(column, "")))
                .collect(joining(", "));
    }

    private static String hashed(String column, String type) {
        return HASHED.contains(type) ? column : column + "::text";
    }

    /** Returns the columns of the rows: the text of those that are texts or numbers, any other as JSON. */
    private static List<Field> fields(FlatColumns columns, Map<String, String> types) {
        return columns.names().entrySet().stream()
                .filter(entry -> !entry.getKey().equals(FlatColumns.ID)
                        && !entry.getKey().equals(FlatColumns.TIME))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> Field.of(entry.getKey(), entry.getValue(), types.getOrDefault(entry.getValue(), "")))
                .toList();
    }

    /** Returns the database, the schema and the name of the table. */
    String name() {
        return name;
    }

    /** Returns what tells the table from others of its name: the server, the database, the schema and the name. */
    String source() {
        return server + '/' + name;
    }

    /** Makes the texts of a transaction those of the values, whatever the settings of the database. */
    static void setTexts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TEXT_SETTINGS);
        }
    }

    /** Returns all hours that the table has rows of, the oldest one first. Reads the whole table once. */
    List<TableHour> hours(Connection connection) throws SQLException {
        setTexts(connection);
        List<TableHour> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(hours)) {
            while (result.next()) {
                OffsetDateTime begin = result.getObject(1, OffsetDateTime.class);
                found.add(new TableHour(begin, result.getLong(2), result.getLong(3)));
            }
        }
        return found;
    }

    /** Returns the columns of the rows behind the id and the time, in the order of the query. */
    List<Field> fields() {
        return fields;
    }

    /** Returns what the table has now of an hour. */
    TableHour hour(Connection connection, OffsetDateTime begin) throws SQLException {
        try (PreparedStatement statement = of(connection, begin, 1, "SELECT " + hash + "%s");
                ResultSet result = statement.executeQuery()) {
            result.next();
            return new TableHour(begin, result.getLong(1), result.getLong(2));
        }
    }

    /**
     * Returns the query of the rows of some hours in the order of time and id: the id, the time in microseconds, the
     * text of what is no time, and the {@linkplain #fields() others}.
     */
    PreparedStatement rows(Connection connection, OffsetDateTime begin, int count) throws SQLException {
        return of(connection, begin, count, begin.equals(TableHour.NO_TIME) ? timelessColumns : columns);
    }

    private PreparedStatement of(Connection connection, OffsetDateTime begin, int count, String query)
            throws SQLException {
        boolean isTimed = !begin.equals(TableHour.NO_TIME);
        PreparedStatement statement = connection.prepareStatement(query.replace("%s", isTimed ? hour : timeless));
        if (isTimed) {
            statement.setObject(1, begin);
            statement.setObject(2, begin.plusHours(count));
        }
        return statement;
    }
}
