package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SinkContextTest {
    private static final TelemetryListener LISTENER = event -> {};

    @Test
    void context_knowsGroupAndListenerOnly() {
        SinkContext context = SinkContext.of("fleet", LISTENER);

        assertThat(context.groupId()).isEqualTo("fleet");
        assertThat(context.listener()).isSameAs(LISTENER);
        assertThat(context.concurrency()).isEmpty();
        assertThat(context.isInUse()).isFalse();
    }

    @Test
    void inUse_isAskedAnewEachTime() {
        AtomicBoolean running = new AtomicBoolean(true);
        SinkContext context =
                SinkContext.of("fleet", LISTENER).inUseWhile(running::get).concurrency(2);

        assertThat(context.isInUse()).isTrue();
        running.set(false);
        assertThat(context.isInUse()).isFalse();
        assertThatNullPointerException()
                .isThrownBy(() -> context.inUseWhile(null))
                .withMessage("running");
    }

    @Test
    void concurrency_isOneOrMore() {
        SinkContext context = SinkContext.of("fleet", LISTENER);

        assertThat(context.concurrency(1).inUseWhile(() -> true).concurrency()).hasValue(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.concurrency(0))
                .withMessage("concurrency: 0 is not 1 or more");
    }

    @Test
    void sink_isNotIdempotentUnlessItSaysSo() {
        Sink<String> plain = batch -> {};

        assertThat(plain.isIdempotent()).isFalse();
    }
}
