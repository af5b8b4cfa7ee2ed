package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.TelemetryException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The paths of files that were named on the command line. */
final class PathOption {
    private static final int LAST_ASCII = 0x7f;

    private PathOption() {}

    /**
     * Returns a path.
     *
     * @throws TelemetryException if there can be no file of this name, or if Java cannot write the name
     */
    static Path of(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            boolean isOfLocale = name.chars().anyMatch(letter -> letter > LAST_ASCII);
            throw new TelemetryException(name + ": " + (isOfLocale ? words() : "no such file"), e);
        }
    }

    private static String words() {
        return "the name has letters that Java cannot read in this locale, whose encoding is "
                + System.getProperty("sun.jnu.encoding") + "; set LC_ALL=C.UTF-8, or start it by examples/bin";
    }
}
