package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * The main class of a {@link ForkedJvm}: runs the wanted main method, and a daemon thread that halts the JVM when
 * standard input ends, since then the parent is gone.
 */
final class ForkedJvmMain {
    private static final int ORPHANED = 75;

    private ForkedJvmMain() {}

    public static void main(String[] arguments) throws Throwable {
        Thread guard = new Thread(ForkedJvmMain::haltWithParent, "telemetry-forked-guard");
        guard.setDaemon(true);
        guard.start();
        Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
        main.setAccessible(true);
        try {
            main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void haltWithParent() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is written here: the read returns when the parent is gone.
            }
        } catch (IOException e) {
            // Counts as the end of the stream.
        }
        Runtime.getRuntime().halt(ORPHANED);
    }
}
