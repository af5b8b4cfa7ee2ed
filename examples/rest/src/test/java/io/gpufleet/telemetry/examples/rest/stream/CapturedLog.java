package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LocationAwareLogger;

/**
 * Warnings and errors from creation to close: of some of our loggers, of the container, and whatever is printed to the
 * standard stream for errors. Thread-safe.
 */
public final class CapturedLog implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final Map<Logger, Integer> levels = new LinkedHashMap<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
                System.err.println(line.getLevel() + " " + line.getMessage());
            }
        }

        @Override
        public void flush() {
            // Nothing waits.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };

    /** Captures from now on. */
    public CapturedLog(Class<?>... loggers) {
        System.setErr(new PrintStream(captured, true, UTF_8));
        for (Class<?> logger : loggers) {
            Logger log = LoggerFactory.getLogger(logger);
            levels.put(log, setLevel(log, LocationAwareLogger.WARN_INT));
        }
        LogManager.getLogManager().getLogger("").addHandler(handler);
    }

    private static int setLevel(Logger log, int level) {
        try {
            Field field = log.getClass().getDeclaredField("currentLogLevel");
            field.setAccessible(true);
            int old = field.getInt(log);
            field.setInt(log, level);
            return old;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the lines so far. */
    public List<String> lines() {
        return new ArrayList<>(captured.toString(UTF_8).lines().toList());
    }

    @Override
    public void close() {
        LogManager.getLogManager().getLogger("").removeHandler(handler);
        levels.forEach(CapturedLog::setLevel);
        System.setErr(before);
    }
}
