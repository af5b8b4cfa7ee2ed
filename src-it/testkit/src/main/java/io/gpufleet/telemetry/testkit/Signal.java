package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The signals to a process that this JVM has started, sent by the {@code kill} program of POSIX systems. */
enum Signal {
    STOP,
    CONT,
    INT,
    TERM;

    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** @throws IllegalStateException if the process has ended */
    void sendTo(Process child) {
        if (!child.isAlive()) {
            throw new IllegalStateException("process " + child.pid() + " has ended, no SIG" + name() + " can reach it");
        }
        sendTo(List.of(child.toHandle()));
    }

    /** Sends the signal to all processes that still live. */
    void sendTo(List<ProcessHandle> family) {
        List<String> pids = family.stream()
                .filter(ProcessHandle::isAlive)
                .map(process -> Long.toString(process.pid()))
                .toList();
        if (!pids.isEmpty()) {
            run(pids);
        }
    }

    private void run(List<String> pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name()));
        command.addAll(pids);
        try {
            Process kill = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            ChildProcess.awaitExit(kill, LIMIT);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        }
    }
}
