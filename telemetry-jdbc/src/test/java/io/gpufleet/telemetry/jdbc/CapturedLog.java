package io.gpufleet.telemetry.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LocationAwareLogger;

/** The log of a class, warnings and worse by default, between the creation and the end of this object. */
public final class CapturedLog implements AutoCloseable {
    private final Logger log;
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final int levelBefore;

    public CapturedLog(Class<?> logging) {
        this(logging, LocationAwareLogger.WARN_INT);
    }

    public CapturedLog(Class<?> logging, int level) {
        log = LoggerFactory.getLogger(logging);
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        levelBefore = setLevel(level);
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
