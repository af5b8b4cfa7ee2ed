package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One run of the server process on a data directory, from its start until it has ended. */
final class PostgresProcess {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    /** The line of postmaster.pid that says how far the start is. */
    private static final int STATUS_LINE = 7;

    private final PostgresFiles files;
    private final Process process;
    private final OrphanGuard guard;

    private PostgresProcess(PostgresFiles files, Process process) {
        this.files = files;
        this.process = process;
        this.guard = OrphanGuard.start(files.pidFile(), process, files.directory());
    }

    /** Starts the server and waits until it accepts connections. */
    static PostgresProcess start(PostgresFiles files, List<String> arguments) {
        PostgresProcess started = new PostgresProcess(files, files.run("postgres", arguments));
        try {
            started.awaitReady();
        } catch (AssertionError e) {
            started.kill();
            throw new IllegalStateException("PostgreSQL does not start; its log ends:\n" + files.logTail(), e);
        }
        return started;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends all sessions and stops in order, with a checkpoint. */
    void stop() {
        resume();
        Signal.INT.sendTo(List.of(process.toHandle()));
        if (!ChildProcess.hasEnded(process, STOP_LIMIT)) {
            kill();
        }
        guard.release();
    }

    /** SIGKILL to the server and all its sessions at the same moment. */
    void kill() {
        ChildProcess.kill(suspendedFamily());
        guard.release();
    }

    void suspend() {
        suspendedFamily();
    }

    void resume() {
        Signal.CONT.sendTo(family());
    }

    /** All processes of the server, stopped, so that none can be born while they are counted. */
    private List<ProcessHandle> suspendedFamily() {
        if (process.isAlive()) {
            Signal.STOP.sendTo(process);
        }
        List<ProcessHandle> family = family();
        Signal.STOP.sendTo(family);
        return family;
    }

    private List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>(List.of(process.toHandle()));
        process.descendants().forEach(family::add);
        return family;
    }

    private void awaitReady() {
        Await.until("PostgreSQL ready", START_LIMIT, this::status, status -> status.equals("ready") || !isAlive());
        if (!isAlive()) {
            throw new AssertionError("PostgreSQL ended with code " + process.exitValue());
        }
    }

    /** The status in postmaster.pid, or what stands in its way; the file may still be that of an earlier process. */
    private String status() {
        try {
            List<String> lines = Files.readAllLines(files.pidFile(), StandardCharsets.UTF_8);
            boolean own = !lines.isEmpty() && lines.get(0).equals(Long.toString(process.pid()));
            return own && lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : "starting";
        } catch (NoSuchFileException e) {
            return "no postmaster.pid";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read postmaster.pid", e);
        }
    }
}
