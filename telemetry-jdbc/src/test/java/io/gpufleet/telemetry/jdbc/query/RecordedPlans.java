package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.WrappedDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A source of one connection, whose server explains every statement that it has run. Closing the connection gives it
 * back; it ends with this source. Belongs to one thread.
 */
final class RecordedPlans extends WrappedDataSource implements AutoCloseable {
    /**
     * The plans are those of the run itself. They come as warnings when a statement has given up its rows: with the
     * answer to the next statement of its transaction, or with that to the commit.
     */
    private static final String EXPLAIN = "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;"
            + " SET auto_explain.log_level = notice; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off;"
            + " SET auto_explain.log_buffers = on; SET auto_explain.log_nested_statements = on; SET ";

    private static final Pattern SCAN =
            Pattern.compile("-?>? *(.*Scan.*) on (gpu_(?:sample|metrics|mig_metrics)\\w*).*\\(actual .*");

    /** The cost of a table without a page, such as that of the rows of a compacted day. */
    private static final String EMPTY = "(cost=0.00..0.00 ";

    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?.*");

    private final Connection session;
    private final List<String> plans = new ArrayList<>();
    private final Set<String> texts = new LinkedHashSet<>();

    /**
     * Opens the connection.
     *
     * @param setting a setting of its session, as in {@code plan_cache_mode = force_generic_plan}
     */
    RecordedPlans(Database database, String setting) throws SQLException {
        super(database.newConnections());
        session = delegate().getConnection();
        try (Statement statement = session.createStatement()) {
            statement.execute(EXPLAIN + setting);
        }
    }

    /** Returns the plans since the last call, each with the lines of its nodes that were executed. */
    List<Plan> plans() {
        List<Plan> seen = plans.stream().map(Plan::of).toList();
        plans.clear();
        return seen;
    }

    /** Returns the texts of all statements. */
    Set<String> texts() {
        return texts;
    }

    /** Returns the types of the parameters of all statements that the server keeps. */
    List<String> parameterTypes() throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE statement LIKE 'SELECT%'"
                                + " OR statement LIKE 'WITH%'")) {
            List<String> types = new ArrayList<>();
            while (row.next()) {
                types.add(row.getString(1));
            }
            return types;
        }
    }

    /**
     * A plan with what was run of it.
     *
     * @param text all of it, after the statement
     */
    record Plan(String text) {
        static Plan of(String message) {
            return new Plan(message.substring(message.indexOf("plan:")));
        }

        /** Returns the tables of samples that were read, by day. */
        Set<String> tables() {
            return scans(".*");
        }

        /** Returns the tables of samples that were read from one end to the other, but those that have no page. */
        Set<String> wholeTables() {
            return scans("(Parallel )?Seq Scan");
        }

        private Set<String> scans(String kind) {
            Set<String> tables = new LinkedHashSet<>();
            text.lines().forEach(line -> {
                Matcher scan = SCAN.matcher(line.strip());
                if (scan.matches() && scan.group(1).matches(kind) && !line.contains(EMPTY)) {
                    tables.add(scan.group(2));
                }
            });
            return tables;
        }

        /** Returns the conditions by which rows are found or left out. */
        List<String> conditions() {
            return text.lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("Index Cond:") || line.startsWith("Filter:"))
                    .toList();
        }

        /** Returns the number of pages that were read, in memory or not. */
        long pages() {
            return text.lines()
                    .map(line -> BUFFERS.matcher(line.strip()))
                    .filter(Matcher::matches)
                    .findFirst()
                    .map(found -> number(found.group(1)) + number(found.group(2)))
                    .orElse(0L);
        }

        private static long number(String digits) {
            return digits == null ? 0 : Long.parseLong(digits);
        }
    }

    @Override
    public Connection getConnection() {
        return proxy(Connection.class, session, (method, arguments, result) -> {
            if (result instanceof PreparedStatement statement) {
                texts.add((String) arguments[0]);
                return recorded(statement);
            }
            if (method.getName().equals("commit")) {
                add(session.getWarnings());
                session.clearWarnings();
            }
            return result;
        });
    }

    private PreparedStatement recorded(PreparedStatement statement) {
        return proxy(PreparedStatement.class, statement, (method, arguments, result) -> {
            if (method.getName().startsWith("execute")) {
                add(statement.getWarnings());
            }
            return result;
        });
    }

    private void add(SQLWarning first) {
        for (SQLWarning plan = first; plan != null; plan = plan.getNextWarning()) {
            plans.add(plan.getMessage());
        }
    }

    /** What follows a call. */
    @FunctionalInterface
    private interface After {
        Object call(Method method, Object[] arguments, Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T target, After after) {
        return type.cast(Proxy.newProxyInstance(
                RecordedPlans.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (target instanceof Connection && method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return after.call(method, arguments, method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
