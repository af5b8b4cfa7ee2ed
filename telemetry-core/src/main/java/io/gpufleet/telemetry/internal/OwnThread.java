package io.gpufleet.telemetry.internal;

/**
 * A thread that the SDK has started, and only the SDK interrupts. An interrupt that the host's code leaves on it is
 * meant for nobody, and would end waits that have nothing to do with it.
 */
public final class OwnThread extends Thread {

    /** Makes a thread that is to run this. */
    public OwnThread(Runnable body, String name) {
        super(body, name);
    }

    /**
     * Forgets the interrupt that the host's code has left on the current thread; on a thread of the host it stays.
     *
     * @param before whether the thread was interrupted when that code was called: such an interrupt is ours, and stays
     */
    public static void forgetInterrupt(boolean before) {
        if (!before && isCurrent()) {
            Thread.interrupted();
        }
    }

    /** Tells whether the current thread is one of the SDK. */
    public static boolean isCurrent() {
        return Thread.currentThread() instanceof OwnThread;
    }
}
