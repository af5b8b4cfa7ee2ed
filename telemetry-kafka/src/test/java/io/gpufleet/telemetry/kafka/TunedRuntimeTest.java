package io.gpufleet.telemetry.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.config.SettingsSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TunedRuntimeTest {
    private static BatchingConsumer.Builder<String> builder(SettingsSource source) {
        return BatchingConsumer.builder(new TextCodec(), new FakeSink())
                .bootstrapServers("localhost:1")
                .topics("t")
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .maxBackoff(Duration.ofMillis(1))
                        .build())
                .settings(source, "s");
    }

    @Test
    void start_waitsForASourceThatDoesNotAnswer() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(3);
        try (CapturedLog log = new CapturedLog(SettingsReader.class);
                BatchingConsumer consumer = builder(service -> {
                            asked.countDown();
                            throw new TelemetryException("no answer");
                        })
                        .start()) {
            assertThat(asked.await(60, SECONDS)).isTrue();

            assertThat(consumer.health())
                    .isEqualTo(Health.of(new Health.Trouble(
                            Health.Concern.START, "settings of service \"s\" cannot be read: no answer")));
            assertThat(consumer.settings()).isEmpty();
            assertThat(consumer.snapshot().partitions()).isEmpty();
            assertThat(consumer.termination()).isNotDone();
            assertThat(consumer).hasToString("BatchingConsumer[service s]");
            assertThat(log.linesWith("no answer")).as("said once").hasSize(1);

            assertThat(consumer.close(Duration.ofSeconds(1))).isZero();

            assertThat(consumer.termination()).isCompleted();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        }
    }

    @Test
    void start_refusesSettingsThatCannotBeUsed() {
        InvalidSettingsException invalid = new InvalidSettingsException("s", List.of("max_poll_records: 0 is …"));

        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(builder(service -> {
                    throw invalid;
                })::start)
                .isSameAs(invalid);
    }

    @Test
    void reader_letsAConsumerStartWithTheDefaultsOfWhatCannotBeUsed() {
        SettingsReader reader = new SettingsReader(
                service -> ConsumerSettings.builder(service)
                        .set(ConsumerSetting.FETCH_MAX_WAIT_MS, Integer.MAX_VALUE, SettingOrigin.ROW)
                        .set(ConsumerSetting.CONSUMER_GROUP_ID, "theirs", SettingOrigin.ROW)
                        .set(ConsumerSetting.MAX_POLL_RECORDS, 0, SettingOrigin.ROW)
                        .build(),
                "s",
                Map.of(ConsumerSetting.MAX_POLL_RECORDS, 7));

        ConsumerSettings first = reader.first().orElseThrow();

        assertThat(first.fetchMaxWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(first.maxPollRecords()).isEqualTo(7);
        assertThat(first.groupId()).isEqualTo("theirs");
        assertThat(reader.trouble())
                .hasValueSatisfying(trouble -> assertThat(trouble)
                        .contains("service \"s\"", "fetch_max_wait_ms: 2147483647 is not between 0 and 30000"));
        assertThatExceptionOfType(InvalidSettingsException.class).isThrownBy(reader::read);
    }

    @Test
    void brokersThatAreAwayWhenTheSettingsAreKnown_areWaitedFor() {
        AtomicBoolean answers = new AtomicBoolean();
        try (BatchingConsumer consumer = builder(service -> {
                    if (!answers.get()) {
                        throw new TelemetryException("no answer");
                    }
                    return ConsumerSettings.defaults(service);
                })
                .overrides(Map.of("request.timeout.ms", 600, "default.api.timeout.ms", 700))
                .start()) {
            answers.set(true);
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            consumer.health().reasons().toString().contains("Brokers at localhost:1 do not answer"));
            assertThat(consumer.health().status()).isEqualTo(Health.Status.DEGRADED);
            assertThat(consumer.termination()).isNotDone();

            assertThat(consumer.close(Duration.ofSeconds(Long.MAX_VALUE))).isZero();
            assertThat(consumer.termination()).isCompleted();
        }
    }

    @Test
    void reader_addsWhatTheHostsCodeSays() {
        SettingsReader reader =
                new SettingsReader(ConsumerSettings::defaults, "s", Map.of(ConsumerSetting.CONSUMER_GROUP_ID, "mine"));

        assertThat(reader.read()).map(ConsumerSettings::groupId).contains("mine");
        assertThat(reader.knowsGroup()).isTrue();
        assertThat(reader.withoutSource().groupId()).isEqualTo("mine");
    }

    @Test
    void reader_warnsOnceOfAnotherGroupThanTheBuilders() {
        SettingsReader reader = new SettingsReader(
                service -> ConsumerSettings.builder(service)
                        .set(ConsumerSetting.CONSUMER_GROUP_ID, "theirs", SettingOrigin.ROW)
                        .build(),
                "s",
                Map.of(ConsumerSetting.CONSUMER_GROUP_ID, "mine"));
        try (CapturedLog log = new CapturedLog(SettingsReader.class)) {
            assertThat(reader.read()).map(ConsumerSettings::groupId).contains("theirs");
            assertThat(reader.read()).isPresent();

            assertThat(log.linesWith("its settings name group theirs, but the builder names mine"))
                    .hasSize(1);
        }
    }
}
