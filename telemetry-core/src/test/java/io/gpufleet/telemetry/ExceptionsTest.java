package io.gpufleet.telemetry;

import static io.gpufleet.telemetry.Records.deadLetter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.gpufleet.telemetry.DeadLettersRefusedException.Refusal;
import io.gpufleet.telemetry.SinkException.Kind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExceptionsTest {
    private static final SourcePartition FIRST = new SourcePartition("t", 0);
    private static final SourcePartition SECOND = new SourcePartition("t", 1);

    @Test
    void fenced_namesThePartitionsInOrder() {
        FencedException fenced = new FencedException(Set.of(SECOND, FIRST));

        assertThat(fenced).hasMessage("Stored position is not where the batch begins: t-0, t-1");
        assertThat(fenced.partitions()).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FencedException(Set.of()))
                .withMessage("partitions: none given; at least one is needed");
    }

    @Test
    void refused_namesTheFirstRecordAndCountsTheOthers() {
        List<DeadLetter> letters = List.of(deadLetter(FIRST, 7), deadLetter(FIRST, 8), deadLetter(FIRST, 9));

        assertThat(new RefusedException(letters.subList(0, 1))).hasMessage("Sink refused t-0@7: [bad]");
        assertThat(new RefusedException(letters.subList(0, 2))).hasMessage("Sink refused t-0@7: [bad] and 1 more");
        assertThat(new RefusedException(letters))
                .hasMessage("Sink refused t-0@7: [bad] and 2 more")
                .extracting(RefusedException::deadLetters)
                .isEqualTo(letters);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RefusedException(List.of()))
                .withMessage("deadLetters: none given; at least one is needed");
    }

    @Test
    void refusedLetters_nameTheFirstAndTheirNumber() {
        List<Refusal> refusals =
                List.of(new Refusal(deadLetter(FIRST, 7), "too large"), new Refusal(deadLetter(FIRST, 8), "too old"));

        assertThat(new DeadLettersRefusedException(refusals))
                .hasMessage("Dead letters refused for their own fault: 2; the first: t-0@7: too large")
                .extracting(DeadLettersRefusedException::refusals)
                .isEqualTo(refusals);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeadLettersRefusedException(List.of()))
                .withMessage("refusals: none given; at least one is needed");
        assertThatNullPointerException().isThrownBy(() -> new Refusal(null, "too old"));
        assertThatNullPointerException().isThrownBy(() -> new Refusal(deadLetter(FIRST, 7), null));
    }

    @ParameterizedTest
    @EnumSource
    void sinkException_isTransientIfTheSameBatchCanSucceedLater(Kind kind) {
        assertThat(kind.isTransient()).isEqualTo(kind == Kind.TRANSIENT || kind == Kind.TRANSIENT_PERHAPS_TOO_LARGE);
    }

    @ParameterizedTest
    @EnumSource
    void sinkException_keepsKindMessageAndCause(Kind kind) {
        Exception cause = new Exception();

        assertThat(new SinkException(kind, "why", cause))
                .hasMessage("why")
                .hasCause(cause)
                .extracting(SinkException::kind)
                .isEqualTo(kind);
        assertThat(new SinkException(kind, "why").kind()).isEqualTo(kind);
    }
}
