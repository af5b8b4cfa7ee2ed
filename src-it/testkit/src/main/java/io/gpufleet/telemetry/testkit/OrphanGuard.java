package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Ends a PostgreSQL whose JVM was killed: a shell that waits for the end of its standard input, which comes when the
 * JVM is gone. If the pid file still names the process, it ends it and deletes the directory of the server, which may
 * lie in memory.
 */
final class OrphanGuard {
    private static final String SCRIPT =
            "read -r never; [ \"$(head -n 1 \"$1\")\" = \"$2\" ] || exit; kill -QUIT \"$2\";"
                    + " while kill -0 \"$2\" 2> /dev/null; do sleep 0.1; done; rm -rf \"$3\"";

    private final Process shell;

    private OrphanGuard(Process shell) {
        this.shell = shell;
    }

    static OrphanGuard start(Path pidFile, Process server, Path directory) {
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                SCRIPT,
                "telemetry-guard",
                pidFile.toString(),
                Long.toString(server.pid()),
                directory.toString());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            return new OrphanGuard(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + builder.command(), e);
        }
    }

    /** Ends the shell; the guarded process continues. */
    void release() {
        ChildProcess.kill(shell);
    }
}
