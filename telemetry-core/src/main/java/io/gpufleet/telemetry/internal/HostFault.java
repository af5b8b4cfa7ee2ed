package io.gpufleet.telemetry.internal;

/**
 * The rule for exceptions and errors of the host's code: they are judged at the call; one that concerns the JVM is
 * never judged but thrown on. A stack that overflowed is the code's own fault.
 *
 * <p>{@code docs/rationale.md} lists every call and what follows, {@code ArchitectureTest} the classes that may make
 * it.
 */
public final class HostFault {
    private HostFault() {}

    /**
     * Rethrows an error that concerns the JVM, so that the thread ends and the consumer with it. An interrupt that was
     * thrown past the compiler is set again on a thread of the host, and forgotten on one of ours.
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
     * Rethrows an error that concerns the JVM, and returns anything else as text.
     *
     * @param thrown what the host's code has thrown
     * @return its class and message, never null
     */
    public static String describe(Throwable thrown) {
        requireOwn(thrown);
        return text(thrown);
    }

    /**
     * Returns anything thrown as text, errors that concern the JVM too.
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
     * Returns a failure as text: its message, or {@link #text} of one without.
     *
     * @param thrown what was thrown, perhaps by the host's code
     * @return the text, never null
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
