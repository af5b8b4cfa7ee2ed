package io.gpufleet.telemetry.benchmarks.codec;

import static java.util.Objects.requireNonNull;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of the libraries on the class path, from the names of their jars. */
final class Versions {
    private static final Pattern JAR = Pattern.compile("-(\\d[^/]*)\\.jar$");
    private static final String NO_JAR = "without a jar";

    private Versions() {}

    /** Returns the version of a class's jar. */
    static String of(Class<?> type) {
        String location = requireNonNull(type.getProtectionDomain().getCodeSource(), "code source")
                .getLocation()
                .toString();
        Matcher version = JAR.matcher(location);
        return version.find() ? version.group(1) : NO_JAR;
    }
}
