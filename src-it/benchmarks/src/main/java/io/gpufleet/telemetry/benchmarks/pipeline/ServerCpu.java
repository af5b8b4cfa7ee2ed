package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The CPU time of all processes of a PostgreSQL, as reported by Linux: running ones, and ended ones, whose time their
 * parent, the postmaster, has taken over. Immutable.
 */
final class ServerCpu {
    /** The fields of {@code /proc/pid/stat} from the own time to that of ended children, behind the name, from 0. */
    private static final int FIRST_TIME = 11;

    private static final int LAST_TIME = 14;

    /** The units in which Linux reports to programs, whatever the kernel itself uses. */
    private static final double TICKS_PER_SECOND = 100;

    private final long postmaster;

    private ServerCpu(long postmaster) {
        this.postmaster = postmaster;
    }

    static ServerCpu of(PostgresServer server) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return new ServerCpu(ProcessHandle.of(row.getLong(1))
                    .flatMap(ProcessHandle::parent)
                    .map(ProcessHandle::pid)
                    .orElse(0L));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot ask " + server + " for its process", e);
        }
    }

    /** Returns the seconds so far; absent if the system does not report them. */
    OptionalDouble seconds() {
        try (Stream<ProcessHandle> children =
                ProcessHandle.of(postmaster).map(ProcessHandle::children).orElseGet(Stream::empty)) {
            long own = ticks(postmaster);
            long ofChildren =
                    children.mapToLong(child -> ticksIfAlive(child.pid())).sum();
            return OptionalDouble.of((own + ofChildren) / TICKS_PER_SECOND);
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    private static long ticksIfAlive(long process) {
        try {
            return ticks(process);
        } catch (IOException e) {
            return 0;
        }
    }

    private static long ticks(long process) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process), "stat"), StandardCharsets.UTF_8);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", LAST_TIME + 2);
        long ticks = 0;
        for (int field = FIRST_TIME; field <= LAST_TIME; field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks;
    }
}
