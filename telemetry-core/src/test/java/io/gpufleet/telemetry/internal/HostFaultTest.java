package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

class HostFaultTest {
    private final Error outOfMemory = new OutOfMemoryError("heap");

    /** An exception that has no words, only failures. */
    private static final class Wordless extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Error failure;

        Wordless(Error failure) {
            this.failure = failure;
        }

        @Override
        public String getMessage() {
            throw failure;
        }

        @Override
        public String toString() {
            throw failure;
        }
    }

    @Test
    void words_thatCostTheMemoryOfTheJvm_areNotASubstitute() {
        Wordless wordless = new Wordless(outOfMemory);

        assertThat(catchThrowable(() -> HostFault.words(wordless))).isSameAs(outOfMemory);
        assertThat(catchThrowable(() -> HostFault.text(wordless))).isSameAs(outOfMemory);
    }

    @Test
    void words_thatCostTheMemoryOfTheJvm_areNotReplacedByTheText() {
        Throwable withText = new IllegalStateException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw outOfMemory;
            }

            @Override
            @SuppressWarnings("OverrideThrowableToString") // a mistake of a host
            public String toString() {
                return "text";
            }
        };

        assertThat(catchThrowable(() -> HostFault.words(withText))).isSameAs(outOfMemory);
    }

    @Test
    void describe_throwsOnWhatConcernsTheJvm() {
        assertThat(catchThrowable(() -> HostFault.describe(outOfMemory))).isSameAs(outOfMemory);
        assertThat(HostFault.describe(new StackOverflowError())).isEqualTo("java.lang.StackOverflowError");
        assertThat(HostFault.describe(new AssertionError("no"))).isEqualTo("java.lang.AssertionError: no");
    }

    @Test
    void interrupt_staysOnAHostsThread() {
        HostFault.requireOwn(new IllegalStateException());
        assertThat(Thread.interrupted()).isFalse();

        HostFault.requireOwn(new InterruptedException());
        assertThat(Thread.interrupted()).isTrue();
    }
}
