package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.kafka.FakeCluster;
import io.gpufleet.telemetry.kafka.Logs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class OriginalTopicTest {
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final FakeCluster cluster = new FakeCluster();
    private final OriginalTopic target = new OriginalTopic(cluster.topicAdmin(), producer);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static DeadLetter letter(SourceRecord.Builder source) {
        return new DeadLetter(source.build(), DeadLetter.Stage.VALIDATE, List.of("bad"));
    }

    private static DeadLetter letter(int partition) {
        return letter(SourceRecord.builder(Logs.partition(partition), 5));
    }

    private SinkException failure(DeadLetter... letters) {
        return catchThrowableOfType(SinkException.class, () -> target.write(List.of(letters)));
    }

    @Test
    void write_sendsTheRecordBackAsItWas() {
        cluster.topic(Logs.ID, 3);

        target.write(List.of(letter(SourceRecord.builder(Logs.partition(2), 5)
                .timestampMillis(1_234)
                .key(bytes("key"))
                .value(bytes("value"))
                .headers(List.of(
                        new SourceRecord.Header("trace", bytes("1")),
                        new SourceRecord.Header("other", null),
                        new SourceRecord.Header("trace", bytes("2")))))));

        ProducerRecord<byte[], byte[]> sent = producer.history().get(0);
        assertThat(sent.topic()).isEqualTo(Logs.TOPIC);
        assertThat(sent.partition()).isEqualTo(2);
        assertThat(sent.timestamp()).isEqualTo(1_234);
        assertThat(sent.key()).isEqualTo(bytes("key"));
        assertThat(sent.value()).isEqualTo(bytes("value"));
        assertThat(sent.headers()).extracting(Header::key).containsExactly("trace", "other", "trace");
        assertThat(sent.headers()).extracting(Header::value).containsExactly(bytes("1"), null, bytes("2"));
    }

    @Test
    void write_keepsWhatTheRecordDoesNotHave() {
        cluster.topic(Logs.ID, 1);

        target.write(List.of(letter(0)));

        ProducerRecord<byte[], byte[]> sent = producer.history().get(0);
        assertThat(sent.timestamp()).isNull();
        assertThat(sent.key()).isNull();
        assertThat(sent.value()).isNull();
    }

    private List<String> refusals(DeadLetter... letters) {
        return catchThrowableOfType(DeadLettersRefusedException.class, () -> target.write(List.of(letters)))
                .refusals()
                .stream()
                .map(refusal -> refusal.letter().source() + ": " + refusal.reason())
                .toList();
    }

    @Test
    void write_refusesATopicThatIsGone() {
        assertThat(refusals(letter(0))).containsExactly("t-0@5: topic t does not exist any more");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void write_refusesAPartitionThatIsGoneAndSendsTheOthers() {
        cluster.topic(Logs.ID, 2);

        assertThat(refusals(letter(0), letter(2), letter(1)))
                .containsExactly("t-2@5: partition 2 of topic t does not exist any more; it has 0 to 1");

        assertThat(producer.history()).extracting(ProducerRecord::partition).containsExactly(0, 1);
    }

    @Test
    void write_refusesATimeThatNoProducerMaySend() {
        cluster.topic(Logs.ID, 1);

        assertThat(refusals(letter(SourceRecord.builder(Logs.partition(0), 5).timestampMillis(-2))))
                .containsExactly("t-0@5: no producer may send a timestamp before 1970: " + Instant.ofEpochMilli(-2));

        assertThat(producer.history()).isEmpty();
    }

    private static DeadLetter timedByBroker() {
        return letter(SourceRecord.builder(Logs.partition(0), 5)
                .timestampMillis(1_234)
                .timestampType(SourceRecord.TimestampType.LOG_APPEND_TIME));
    }

    @Test
    void write_doesNotPassTheBrokersTimeForTheProducers() {
        cluster.topic(Logs.ID, 1);

        assertThat(refusals(timedByBroker()))
                .containsExactly(
                        "t-0@5: its timestamp is the broker's (LogAppendTime), and its topic would take it for the"
                                + " producer's: replay it through the pipeline with an eventTime(…)");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void write_sendsTheBrokersTimeWhereItIsReplaced() {
        cluster.topic(Logs.ID, 1);
        cluster.withLogAppendTime.add(Logs.TOPIC);

        target.write(List.of(timedByBroker()));

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void write_triesAgainWhenTheTypeOfTheTimesIsNotKnown() {
        cluster.topic(Logs.ID, 1);
        cluster.silence("describeConfigs");

        assertThat(failure(timedByBroker()).kind()).isEqualTo(SinkException.Kind.TRANSIENT);
    }

    @Test
    void write_namesWhatTheBrokerRefuses() {
        cluster.topic(Logs.ID, 1);
        producer.sendException = new RecordTooLargeException("large");

        assertThat(refusals(letter(0))).containsExactly("t-0@5: large");
    }

    @Test
    void write_saysWhetherToTryAgain() {
        cluster.topic(Logs.ID, 1);
        producer.sendException = new TimeoutException("busy");
        assertThat(failure(letter(0)).kind()).isEqualTo(SinkException.Kind.TRANSIENT);

        cluster.fail("describeTopics", new TopicAuthorizationException("not allowed"));
        assertThat(failure(letter(0)).kind()).isEqualTo(SinkException.Kind.FATAL);
        assertThat(failure(letter(0))).hasMessage("Dead letters were not sent: Cannot describe topic t: not allowed");
    }

    @Test
    void write_triesAgainWhenTheClusterIsSilent() {
        cluster.topic(Logs.ID, 1);
        cluster.silence("describeTopics");
        assertThat(failure(letter(0)).kind()).isEqualTo(SinkException.Kind.TRANSIENT);
    }

    @Test
    void close_endsTheClients() {
        target.close();
        assertThat(producer.closed()).isTrue();
    }

    @Test
    void create_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginalTopic.create("localhost:1", Map.of("acks", "0")))
                .withMessageStartingWith("overrides: acks=0 cannot be set");
    }
}
