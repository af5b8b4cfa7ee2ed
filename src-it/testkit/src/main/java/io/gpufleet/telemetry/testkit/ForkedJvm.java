package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A main class running in a JVM of its own, which a test can kill, suspend and resume.
 *
 * <p>Its output is kept (the last 100,000 lines) and can be awaited. The process is always reached by its handle, never
 * by name, and ends with this JVM: {@link #close()} and a shutdown hook kill it, and if this JVM itself is killed, the
 * child ends with its standard input (so its main class cannot read that). Suspending needs a POSIX system.
 * Thread-safe.
 */
public final class ForkedJvm implements AutoCloseable {
    private static final Duration LAST_LINES_LIMIT = Duration.ofSeconds(5);

    private final String mainClass;
    private final Process process;
    private final Lines output;
    private final Lines errors;
    private final Runnable closeAtExit = this::close;

    private ForkedJvm(String mainClass, Process process) {
        this.mainClass = mainClass;
        this.process = process;
        this.output = Lines.of(process.getInputStream());
        this.errors = Lines.of(process.getErrorStream());
        CloseAtExit.add(closeAtExit);
    }

    /**
     * Returns a builder with the defaults: the class path of this JVM, no further options, no arguments.
     *
     * @param mainClass the class whose main method runs; it need not be public
     * @return a builder
     */
    public static Builder builder(Class<?> mainClass) {
        return builder(mainClass.getName());
    }

    /**
     * Returns a builder with the defaults: the class path of this JVM, no further options, no arguments.
     *
     * @param mainClass the name of the class whose main method runs
     * @return a builder
     */
    public static Builder builder(String mainClass) {
        return new Builder(requireNonNull(mainClass, "mainClass"));
    }

    /**
     * Returns the process id of the JVM.
     *
     * @return its id, also after it has ended
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Returns whether the JVM has not ended; a suspended one is alive.
     *
     * @return false once it has ended
     */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Returns the lines on standard output so far.
     *
     * @return an immutable list
     */
    public List<String> output() {
        return output.all();
    }

    /**
     * Returns the lines on standard error so far.
     *
     * @return an immutable list
     */
    public List<String> errors() {
        return errors.all();
    }

    /**
     * Waits for the first line on standard output that starts with a prefix.
     *
     * @param prefix the begin of the line
     * @param limit the longest wait
     * @return the whole line
     * @throws AssertionError with the last output, if the line does not come in time, or the JVM ends without it
     */
    public String awaitLine(String prefix, Duration limit) {
        String what = "a line \"" + prefix + "…\" of " + this;
        Await.until(
                what,
                limit,
                output::tail,
                tail -> output.hasEnded() || output.first(prefix).isPresent());
        return output.first(prefix).orElseThrow(() -> endedWithout(what));
    }

    /**
     * Waits for the end of the JVM, after which all of its output is available.
     *
     * @param limit the longest wait
     * @return its exit code; 137 after {@link #kill()}
     * @throws AssertionError if it has not ended in time
     */
    public int awaitExit(Duration limit) {
        int code = ChildProcess.awaitExit(process, limit);
        output.awaitEnd(LAST_LINES_LIMIT);
        errors.awaitEnd(LAST_LINES_LIMIT);
        return code;
    }

    /** Returns whether the JVM ends in time. */
    boolean endsWithin(Duration limit) {
        return ChildProcess.hasEnded(process, limit);
    }

    /** Kills the JVM at once (SIGKILL), and waits until it is gone. */
    public void kill() {
        ChildProcess.kill(process);
    }

    /**
     * Asks the JVM to end (SIGTERM): its shutdown hooks run. Does not wait.
     *
     * @throws IllegalStateException if the JVM has ended
     */
    public void terminate() {
        // Process.destroy() would also close the standard input, which counts as the end of the parent.
        Signal.TERM.sendTo(process);
    }

    /**
     * Suspends all threads of the JVM (SIGSTOP), until {@link #resume()}.
     *
     * @throws IllegalStateException if the JVM has ended
     */
    public void suspend() {
        Signal.STOP.sendTo(process);
    }

    /**
     * Resumes a suspended JVM (SIGCONT).
     *
     * @throws IllegalStateException if the JVM has ended
     */
    public void resume() {
        Signal.CONT.sendTo(process);
    }

    /** Kills the JVM if it has not ended. */
    @Override
    public void close() {
        CloseAtExit.remove(closeAtExit);
        kill();
    }

    @Override
    public String toString() {
        return mainClass + " (process " + process.pid() + ")";
    }

    private AssertionError endedWithout(String what) {
        int code = awaitExit(LAST_LINES_LIMIT);
        return new AssertionError("ended with code " + code + " without " + what + "; last lines:\n" + output.tail()
                + "\n" + errors.tail());
    }

    /** Builds a {@link ForkedJvm}. Not thread-safe. */
    public static final class Builder {
        /** A JVM that lives for seconds spends more on these than it gets back. */
        private static final List<String> WITHOUT_SECOND_COMPILER_AND_COLLECTOR_THREADS =
                List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

        private final String mainClass;
        private final List<String> jvmArguments = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private Path javaHome = Path.of(System.getProperty("java.home"));
        private String classPath = System.getProperty("java.class.path");
        private boolean longLived;

        private Builder(String mainClass) {
            this.mainClass = mainClass;
        }

        /**
         * Sets the JDK or JRE.
         *
         * @param directory its home (default: that of this JVM)
         * @return this
         */
        public Builder javaHome(Path directory) {
            this.javaHome = requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets the class path.
         *
         * @param entries as on the command line of this system (default: the class path of this JVM)
         * @return this
         */
        public Builder classPath(String entries) {
            this.classPath = requireNonNull(entries, "entries");
            return this;
        }

        /**
         * Adds options of the JVM.
         *
         * @param options as on the command line: {@code "-Xmx256m"}
         * @return this
         */
        public Builder jvmArguments(String... options) {
            jvmArguments.addAll(List.of(options));
            return this;
        }

        /**
         * Makes the JVM fast rather than soon ready: with its own choice of compilers and collector. By default it has
         * the first compiler only and the serial collector.
         *
         * @return this
         */
        public Builder longLived() {
            this.longLived = true;
            return this;
        }

        /**
         * Adds arguments of the main method.
         *
         * @param more further arguments
         * @return this
         */
        public Builder arguments(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        /**
         * Adds a variable to the environment, which otherwise is that of this JVM.
         *
         * @param name the variable
         * @param value its value
         * @return this
         */
        public Builder environment(String name, String value) {
            environment.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Starts the JVM.
         *
         * @return the running JVM
         */
        public ForkedJvm start() {
            ProcessBuilder builder = new ProcessBuilder(command());
            builder.environment().putAll(environment);
            try {
                return new ForkedJvm(mainClass, builder.start());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start a JVM for " + mainClass, e);
            }
        }

        private List<String> command() {
            List<String> command = new ArrayList<>();
            command.add(javaHome.resolve("bin").resolve("java").toString());
            command.addAll(longLived ? List.of() : WITHOUT_SECOND_COMPILER_AND_COLLECTOR_THREADS);
            command.addAll(jvmArguments);
            command.addAll(List.of("-cp", classPath + File.pathSeparator + ownLocation()));
            command.addAll(List.of(ForkedJvmMain.class.getName(), mainClass));
            command.addAll(arguments);
            return command;
        }

        private static String ownLocation() {
            URL location = ForkedJvm.class.getProtectionDomain().getCodeSource().getLocation();
            return Path.of(URI.create(location.toString())).toString();
        }
    }
}
