package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A statement of the sink with rows from a staging table instead of the client.
 *
 * <p>The sink sends the rows as arrays: {@code … FROM unnest(?::bytea[], ?::int8[]) AS u(c0, c1) …}. In their place the
 * statement reads the same rows, in the same order, from a table of its own: {@code … FROM (SELECT c0, c1 FROM staged_3
 * WHERE … ORDER BY number) AS u(c0, c1) …}. The rest is the sink's statement unchanged. Immutable.
 */
final class StagedStatement {
    private static final Pattern ARRAYS = Pattern.compile("unnest\\(([^()]*)\\)( WITH ORDINALITY)?");
    private static final Pattern TYPE = Pattern.compile("\\?::(\\w+)\\[]");
    private static final Pattern SAVEPOINT = Pattern.compile("(RELEASE )?SAVEPOINT \\w+|;");
    private static final String WHERE = " WHERE session = this_session AND batch = this_batch ORDER BY number)";

    private final String table;
    private final String sql;
    private final MatchResult arrays;
    private final List<String> types;

    private StagedStatement(String table, String sql, MatchResult arrays) {
        this.table = table;
        this.sql = sql;
        this.arrays = arrays;
        this.types = TYPE.matcher(arrays.group(1))
                .results()
                .map(type -> type.group(1))
                .toList();
    }

    /**
     * Returns the staged form of a statement of the sink.
     *
     * @param number the number that distinguishes its table from those of the others
     */
    static StagedStatement of(int number, String sql) {
        Matcher arrays = ARRAYS.matcher(sql);
        if (!arrays.find()) {
            throw new IllegalArgumentException("statement has no arrays: " + sql);
        }
        return new StagedStatement("staged_" + number, sql, arrays.toMatchResult());
    }

    String table() {
        return table;
    }

    int columns() {
        return types.size();
    }

    /** Returns the statement that creates the table of its rows, unlogged, so that a crash loses them. */
    String createTable() {
        String columns = IntStream.range(0, types.size())
                .mapToObj(i -> ", c" + i + " " + types.get(i))
                .collect(Collectors.joining());
        return "CREATE UNLOGGED TABLE " + table + " (session integer, batch integer, number bigint" + columns
                + ", PRIMARY KEY (session, batch, number))";
    }

    /**
     * Returns the statement that inserts arrays as rows into the table; the parameters are session and batch, then the
     * arrays.
     */
    String stage() {
        return "INSERT INTO " + table + " (" + names() + ", number, session, batch) SELECT u.*, ?::integer, ?::integer"
                + " FROM unnest(" + arrays.group(1) + ") WITH ORDINALITY AS u";
    }

    /**
     * Returns the statement as a line of PL/pgSQL, with variables {@code this_session}, {@code this_batch} and
     * {@code ignored_row}.
     *
     * @param group the only value that is not an array
     */
    String replay(String group) {
        String numbers = arrays.group(2) == null ? "" : ", number";
        String rows = "(SELECT " + names() + numbers + " FROM " + table + WHERE;
        String staged = sql.substring(0, arrays.start()) + rows + sql.substring(arrays.end());
        String alone = SAVEPOINT.matcher(staged).replaceAll("").strip();
        String complete = alone.replace("?", "'" + group + "'");
        return returnsRows(complete) ? "FOR ignored_row IN " + complete + " LOOP END LOOP;" : complete + ";";
    }

    private static boolean returnsRows(String statement) {
        return statement.startsWith("SELECT") || statement.startsWith("WITH") || statement.contains(" RETURNING ");
    }

    private String names() {
        return IntStream.range(0, types.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    }
}
