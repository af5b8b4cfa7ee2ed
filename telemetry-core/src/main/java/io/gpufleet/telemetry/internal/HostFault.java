package io.gpufleet.telemetry.internal;

/**
 * The rule for whatever code of the host throws: an exception or an error of that code is judged where it was called;
 * one that concerns the JVM is nobody's to judge, and is thrown on. A stack that overflowed is the code's own fault.
 *
 * <p>{@code docs/rationale.md} lists every call and what follows, {@code ArchitectureTest} the classes that may make
 * it.
 */
public final class HostFault {
    private HostFault() {}

    /**
     * Throws on what concerns the JVM, so that the thread ends and the consumer with it. An interrupt that was thrown
     * past the compiler is set again on a thread of the host, and forgotten on one of ours.
     *
     * @param thrown what the host's code has thrown
     */
    public static void requireOwn(Throwable thrown) {
        if (thrown instanceof VirtualMachineError error && !(thrown instanceof StackOverflowError)) {
            throw error;
        }
        if (thrown instanceof InterruptedException && !OwnThread.isCurrent()) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Throws on what concerns the JVM, and puts anything else into words.
     *
     * @param thrown what the host's code has thrown
     * @return its class and message, never null
     */
    public static String describe(Throwable thrown) {
        requireOwn(thrown);
        return text(thrown);
    }

    /**
     * Puts anything that was thrown into words, also what concerns the JVM.
     *
     * @param thrown what was thrown, perhaps by the host's code
     * @return its class and message, never null
     */
    public static String text(Throwable thrown) {
        try {
            String words = thrown.toString();
            return words == null ? thrown.getClass().getName() : words;
        } catch (Throwable e) {
            requireOwn(e);
            return thrown.getClass().getName();
        }
    }

    /**
     * Puts into words what has failed: its message, or what {@link #text} says of one that has none.
     *
     * @param thrown what was thrown, perhaps by the host's code
     * @return words, never null
     */
    public static String words(Throwable thrown) {
        String message = null;
        try {
            message = thrown.getMessage();
        } catch (Throwable e) {
            requireOwn(e);
        }
        return message == null ? text(thrown) : message;
    }
}
