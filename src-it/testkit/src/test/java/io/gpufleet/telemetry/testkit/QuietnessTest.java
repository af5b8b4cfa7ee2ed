package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuietnessTest {
    @Test
    void stack_printsNothing() {
        try (ForkedJvm jvm = ForkedJvm.builder(StartAndClose.class)
                .jvmArguments("-Dslf4j.internal.verbosity=ERROR")
                // Warnings of a newer JDK about Kafka are no output of the stack; an older JDK ignores the option.
                .jvmArguments("-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow")
                .start()) {
            assertThat(jvm.awaitExit(Duration.ofMinutes(1))).isZero();
            assertThat(jvm.output()).containsExactly("end");
            assertThat(jvm.errors()).isEmpty();
        }
    }

    static final class StartAndClose {
        public static void main(String[] arguments) {
            try (TelemetryStack stack = TelemetryStack.start()) {
                stack.createTopic("events", 1);
                stack.newDatabase();
            }
            System.out.println("end");
        }
    }
}
