package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gpufleet.telemetry.TelemetryEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class OnlookerTest {
    private static final Logger LOG = LoggerFactory.getLogger(OnlookerTest.class);
    private static final TelemetryEvent EVENT = new TelemetryEvent.TombstonesSkipped(1);

    static List<Error> errorsOfTheJvm() {
        return List.of(new OutOfMemoryError("heap"), new InternalError("JVM"));
    }

    private static void fail(Error error) {
        throw error;
    }

    @ParameterizedTest
    @MethodSource("io.gpufleet.telemetry.internal.RecordReaderTest#faults")
    void call_ignoresWhatTheCodeThrows(Throwable thrown) {
        Onlooker onlooker = new Onlooker(LOG, "A test fails");

        onlooker.call(() -> RecordReaderTest.<RuntimeException>throwIt(thrown));

        assertThat(onlooker.call(
                        () -> {
                            RecordReaderTest.<RuntimeException>throwIt(thrown);
                            return "never";
                        },
                        "otherwise"))
                .isEqualTo("otherwise");
    }

    @ParameterizedTest
    @MethodSource("errorsOfTheJvm")
    void call_throwsOnWhatConcernsTheJvm(Error error) {
        Onlooker onlooker = new Onlooker(LOG, "A test fails");

        assertThat(catchThrowable(() -> onlooker.call(() -> fail(error)))).isSameAs(error);
        assertThat(catchThrowable(() -> onlooker.call(
                        () -> {
                            throw error;
                        },
                        "otherwise")))
                .isSameAs(error);
    }

    @Test
    void failures_areLoggedOnceWithTheirCause() {
        LoggedLines log = new LoggedLines();
        Onlooker onlooker = new Onlooker(log, "A test fails");

        onlooker.call(() -> fail(new AssertionError("first")));
        onlooker.call(() -> fail(new AssertionError("second")));

        assertThat(log.lines)
                .containsExactly("WARN A test fails; it will not be reported again: java.lang.AssertionError: first");
    }

    @Test
    void call_leavesAThreadOfOursAsItWas() throws InterruptedException {
        Onlooker onlooker = new Onlooker(LOG, "A test fails");
        List<Boolean> interrupted = new ArrayList<>();
        Runnable ofTheHost = () -> Thread.currentThread().interrupt();
        OwnThread thread = new OwnThread(
                () -> {
                    onlooker.call(ofTheHost);
                    interrupted.add(Thread.currentThread().isInterrupted());
                    onlooker.call(() -> RecordReaderTest.<RuntimeException>throwIt(new InterruptedException()));
                    interrupted.add(Thread.currentThread().isInterrupted());
                    onlooker.call(
                            () -> {
                                ofTheHost.run();
                                return "result";
                            },
                            "otherwise");
                    interrupted.add(Thread.currentThread().isInterrupted());
                    Thread.currentThread().interrupt();
                    onlooker.call(() -> {});
                    interrupted.add(Thread.currentThread().isInterrupted());
                },
                "telemetry-test");
        thread.start();
        thread.join();

        assertThat(interrupted).containsExactly(false, false, false, true);
    }

    @Test
    void call_setsAnInterruptOfAHostsThreadAgain() {
        Onlooker onlooker = new Onlooker(LOG, "A test fails");

        onlooker.call(() -> RecordReaderTest.<RuntimeException>throwIt(new InterruptedException()));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void guardedListener_passesEventsOn() {
        List<TelemetryEvent> heard = new ArrayList<>();

        new GuardedListener(heard::add, LOG).on(EVENT);

        assertThat(heard).containsExactly(EVENT);
    }
}
