package io.gpufleet.telemetry.kafka;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LocationAwareLogger;

/** The lines of one logger from creation to close, warnings and errors only unless created by {@link #ofAll}. */
final class CapturedLog implements AutoCloseable {
    private final Logger log;
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final int levelBefore;

    public CapturedLog(Class<?> logger) {
        this(logger, LocationAwareLogger.WARN_INT);
    }

    private CapturedLog(Class<?> logger, int level) {
        log = LoggerFactory.getLogger(logger);
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        levelBefore = setLevel(level);
    }

    /** Captures lines of level INFO too. */
    static CapturedLog ofAll(Class<?> logger) {
        return new CapturedLog(logger, LocationAwareLogger.INFO_INT);
    }

    private int setLevel(int level) {
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

    /** Returns all lines, from their level on. */
    List<String> lines() {
        return captured.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("^.*?(INFO|WARN|ERROR) \\S+ - ", "$1 "))
                .toList();
    }

    /** Returns the lines that contain a text. */
    public List<String> linesWith(String text) {
        return captured.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(text))
                .toList();
    }

    @Override
    public void close() {
        setLevel(levelBefore);
        System.setErr(before);
    }
}
