package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchingConsumerTest {
    private final Sink<String> plain = batch -> {};

    private static BatchingConsumer.Builder<String> builder(Sink<String> sink) {
        return BatchingConsumer.builder(new TextCodec(), sink);
    }

    private static BatchingConsumer.Builder<String> complete(Sink<String> sink) {
        return builder(sink).bootstrapServers("localhost:1").topics("t").groupId("g");
    }

    private static void assertMissing(BatchingConsumer.Builder<String> builder, String name) {
        assertThatIllegalStateException().isThrownBy(builder::start).withMessageStartingWith(name + ": missing");
    }

    @Test
    void start_namesWhatIsMissing() {
        FakeSink sink = new FakeSink();

        assertMissing(builder(sink).bootstrapServers("localhost:1").topics("t"), "groupId");
        assertMissing(builder(sink).bootstrapServers("localhost:1").groupId("g"), "topics");
        assertMissing(builder(sink).topics("t").groupId("g"), "bootstrapServers");
    }

    @Test
    void start_wantsAPlaceForTheDeadLettersOfAPlainSink() {
        assertThatIllegalStateException()
                .isThrownBy(complete(plain)::start)
                .withMessage("deadLetters: missing; a plain sink needs a place for the records that are refused, or"
                        + " discardDeadLetters()");
    }

    @Test
    void start_refusesASecondPlaceForDeadLetters() {
        assertThatIllegalStateException()
                .isThrownBy(complete(new FakeSink()).discardDeadLetters()::start)
                .withMessage("deadLetters: a transactional sink takes the dead letters itself");
    }

    @Test
    void start_takesTheServersOfTheOverrides() {
        BatchingConsumer.Builder<String> builder = builder(new FakeSink())
                .topics("t")
                .groupId("g")
                .overrides(Map.of("bootstrap.servers", "localhost:1", "max.poll.records", "many"));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("max.poll.records");
    }

    @Test
    void builder_checksItsArguments() {
        BatchingConsumer.Builder<String> builder = builder(plain);

        assertRefused(() -> builder.bootstrapServers(" "), "bootstrapServers: \" \" is blank");
        assertRefused(() -> builder.topics(), "topics: none given; at least one is needed");
        assertRefused(() -> builder.topics("t", ""), "topics: \"\" is blank");
        assertRefused(() -> builder.groupId(""), "groupId: \"\" is blank");
        assertRefused(() -> builder.clientId("\t"), "clientId: \"\t\" is blank");
        assertRefused(() -> builder.concurrency(0), "concurrency: 0 is not between 1 and 256");
        assertRefused(() -> builder.concurrency(257), "concurrency: 257 is not between 1 and 256");
        assertRefused(() -> builder.bufferBytes(0), "bufferBytes: 0 is not 1 or more");
        assertRefused(
                () -> builder.overrides(Map.of("group.id", "other")),
                "overrides: group.id=other cannot be set: use groupId(…)");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void builder_namesWhatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> BatchingConsumer.builder(null, plain))
                .withMessage("decoder");
        assertThatNullPointerException()
                .isThrownBy(() -> builder(plain).batching(null))
                .withMessage("policy");
        assertThatNullPointerException()
                .isThrownBy(() -> builder(plain).listener(null))
                .withMessage("receiver");
    }
}
