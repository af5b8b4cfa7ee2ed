package io.gpufleet.telemetry.internal;

/**
 * The rule for exceptions and errors of the host's code: each call of that code handles them, but rethrows errors of
 * the JVM. A stack overflow counts as a fault of the host's code.
 *
 * <p>{@code docs/rationale.md} lists every call and the consequence of a failure, {@code ArchitectureTest} the classes
 * that may call.
 */
public final class HostFault {
    private HostFault() {}

    /**
     * Rethrows an error of the JVM, so that the thread ends and the consumer with it. An undeclared
     * {@code InterruptedException} interrupts a thread of the host again, and is ignored on a thread of the SDK.
     *
     * @param thrown the throwable of the host's code
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
     * Rethrows an error of the JVM, and returns anything else as text.
     *
     * @param thrown the throwable of the host's code
     * @return its class and message, never null
     */
    public static String describe(Throwable thrown) {
        requireOwn(thrown);
        return text(thrown);
    }

    /**
     * Returns a throwable as text, an error of the JVM too.
     *
     * @param thrown the throwable, perhaps of the host's code
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
     * Returns the message of a failure, or its {@link #text} if it has none.
     *
     * @param thrown the throwable, perhaps of the host's code
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
