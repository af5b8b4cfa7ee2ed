package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ForkedJvmTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void start_passesArgumentsPropertiesAndEnvironment() {
        try (ForkedJvm jvm = ForkedJvm.builder(Echo.class)
                .jvmArguments("-Dword=property")
                .environment("WORD", "variable")
                .arguments("first", "second")
                .start()) {
            assertThat(jvm.awaitExit(LIMIT)).isZero();
            assertThat(jvm.output()).isEqualTo(List.of("first", "second", "property", "variable"));
        }
    }

    @Test
    void awaitLine_givesTheWholeLine() {
        try (ForkedJvm jvm = ForkedJvm.builder(Echo.class).arguments("count: 5").start()) {
            assertThat(jvm.awaitLine("count", LIMIT)).isEqualTo("count: 5");
        }
    }

    @Test
    void awaitLine_failsWhenTheJvmEndsWithoutIt() {
        try (ForkedJvm jvm = ForkedJvm.builder(Failing.class).start()) {
            assertThatThrownBy(() -> jvm.awaitLine("ready", LIMIT))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended with code 1 without a line \"ready…\"")
                    .hasMessageContaining("out of order");
        }
    }

    @Test
    void awaitExit_failsWhileTheJvmRuns() {
        try (ForkedJvm jvm = ForkedJvm.builder(Waiting.class).start()) {
            assertThatThrownBy(() -> jvm.awaitExit(Duration.ofMillis(10)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("PT0.01S");
        }
    }

    @Test
    void kill_endsTheJvmAtOnce() {
        try (ForkedJvm jvm = ForkedJvm.builder(Waiting.class).start()) {
            jvm.awaitLine("waiting", LIMIT);
            jvm.kill();

            assertThat(jvm.isAlive()).isFalse();
            assertThat(jvm.awaitExit(LIMIT)).isEqualTo(137);
            assertThat(jvm.output()).doesNotContain("hook");
        }
    }

    @Test
    void terminate_letsShutdownHooksRun() {
        try (ForkedJvm jvm = ForkedJvm.builder(Waiting.class).start()) {
            jvm.awaitLine("waiting", LIMIT);
            jvm.terminate();

            assertThat(jvm.awaitExit(LIMIT)).isEqualTo(143);
            jvm.awaitLine("hook", LIMIT);
        }
    }

    @Test
    void suspend_holdsTheJvmUntilResumed() {
        try (ForkedJvm jvm = ForkedJvm.builder(Waiting.class).start()) {
            jvm.awaitLine("waiting", LIMIT);
            jvm.suspend();
            jvm.terminate();
            assertThatThrownBy(() -> jvm.awaitExit(Duration.ofMillis(200))).isInstanceOf(AssertionError.class);
            assertThat(jvm.isAlive()).isTrue();

            jvm.resume();

            assertThat(jvm.awaitExit(LIMIT)).isEqualTo(143);
        }
    }

    @Test
    void close_killsASuspendedJvm() {
        ForkedJvm jvm = ForkedJvm.builder(Waiting.class).start();
        jvm.awaitLine("waiting", LIMIT);
        jvm.suspend();

        jvm.close();

        assertThat(jvm.isAlive()).isFalse();
        assertThatThrownBy(jvm::resume)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
    }

    @Test
    void child_endsWhenItsParentIsKilled() {
        try (ForkedJvm parent = ForkedJvm.builder(Parent.class).start()) {
            String line = parent.awaitLine("child ", LIMIT);
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(line.substring(6))).orElseThrow();
            parent.kill();

            Await.until("the end of the orphan", LIMIT, () -> !child.isAlive());
        }
    }

    static final class Echo {
        public static void main(String[] arguments) {
            List.of(arguments).forEach(System.out::println);
            System.out.println(System.getProperty("word"));
            System.out.println(System.getenv("WORD"));
        }
    }

    static final class Failing {
        public static void main(String[] arguments) {
            if (arguments.length == 0) {
                throw new IllegalStateException("out of order");
            }
        }
    }

    static final class Waiting {
        public static void main(String[] arguments) throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            System.out.println("waiting");
            new CountDownLatch(1).await();
        }
    }

    static final class Parent {
        public static void main(String[] arguments) throws InterruptedException {
            try (ForkedJvm child = ForkedJvm.builder(Waiting.class).start()) {
                child.awaitLine("waiting", LIMIT);
                System.out.println("child " + child.pid());
                new CountDownLatch(1).await();
            }
        }
    }
}
