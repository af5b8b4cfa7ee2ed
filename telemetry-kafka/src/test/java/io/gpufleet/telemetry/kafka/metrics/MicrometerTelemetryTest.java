package io.gpufleet.telemetry.kafka.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.kafka.Logs;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MicrometerTelemetryTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerTelemetry meters = MicrometerTelemetry.create(registry);

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @Test
    void everyMeter_isThereFromTheStart() {
        List<String> lines = registry.getMeters().stream()
                .map(MicrometerTelemetryTest::line)
                .sorted()
                .toList();

        assertThat(lines)
                .containsExactly(
                        "COUNTER telemetry.clients.replaced [] clients",
                        "COUNTER telemetry.dead.letters [stage=decode] records",
                        "COUNTER telemetry.dead.letters [stage=sample] records",
                        "COUNTER telemetry.dead.letters [stage=validate] records",
                        "COUNTER telemetry.dead.letters [stage=write] records",
                        "COUNTER telemetry.duplicates.dropped [] records",
                        "COUNTER telemetry.filtered [] records",
                        "COUNTER telemetry.gaps [reason=adopted] gaps",
                        "COUNTER telemetry.gaps [reason=cluster_moved] gaps",
                        "COUNTER telemetry.gaps [reason=expired] gaps",
                        "COUNTER telemetry.gaps [reason=reset] gaps",
                        "COUNTER telemetry.gaps [reason=start] gaps",
                        "COUNTER telemetry.gaps [reason=topic_replaced] gaps",
                        "COUNTER telemetry.gaps [reason=truncated] gaps",
                        "COUNTER telemetry.records.bytes [] bytes",
                        "COUNTER telemetry.records.consumed [] records",
                        "COUNTER telemetry.records.written [] records",
                        "COUNTER telemetry.retries [] writes",
                        "COUNTER telemetry.samples.conflict [] samples",
                        "COUNTER telemetry.samples.duplicate [] samples",
                        "COUNTER telemetry.samples.no_value [] samples",
                        "COUNTER telemetry.samples.rejected [] samples",
                        "COUNTER telemetry.samples.repeated [] samples",
                        "COUNTER telemetry.samples.stored [] samples",
                        "COUNTER telemetry.settings.changed [] settings",
                        "COUNTER telemetry.tombstones [] records",
                        "COUNTER telemetry.writes.fenced [] writes",
                        "DISTRIBUTION_SUMMARY telemetry.batch.size [] records",
                        "GAUGE telemetry.activity [activity=active] null",
                        "GAUGE telemetry.activity [activity=inactive] null",
                        "GAUGE telemetry.activity [activity=stuck] null",
                        "GAUGE telemetry.buffered.bytes [] bytes",
                        "GAUGE telemetry.lag.alarm [severity=critical] null",
                        "GAUGE telemetry.lag.alarm [severity=none] null",
                        "GAUGE telemetry.lag.alarm [severity=warning] null",
                        "GAUGE telemetry.stalled [reason=forbidden] partitions",
                        "GAUGE telemetry.stalled [reason=open_transaction] partitions",
                        "GAUGE telemetry.stalled [reason=unreadable] partitions",
                        "TIMER telemetry.write.time [] seconds");
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
    }

    private static String line(Meter meter) {
        Meter.Id id = meter.getId();
        String tags = id.getTags().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.joining(", ", "[", "]"));
        return id.getType() + " " + id.getName() + " " + tags + " " + id.getBaseUnit();
    }

    @Test
    void records_areCounted() {
        meters.on(new TelemetryEvent.RecordsPolled(9, 100));
        meters.on(new TelemetryEvent.RecordsPolled(1, 10));
        meters.on(new TelemetryEvent.TombstonesSkipped(3));
        meters.on(new TelemetryEvent.DuplicatesDropped(4, 3));

        assertThat(count("telemetry.records.consumed")).isEqualTo(10);
        assertThat(count("telemetry.records.bytes")).isEqualTo(110);
        assertThat(count("telemetry.tombstones")).isEqualTo(3);
        assertThat(count("telemetry.duplicates.dropped")).isEqualTo(4);
        assertThat(count("telemetry.samples.conflict")).isEqualTo(3);
    }

    @Test
    void samples_areCountedByTheirFate() {
        meters.on(new TelemetryEvent.SamplesWritten(40, 5, 3, Map.of(Decoder.Values.NO_VALUE, 7, "other metric", 9)));
        meters.on(new TelemetryEvent.SamplesWritten(1, 0, 0, Map.of()));
        meters.on(new TelemetryEvent.DuplicatesDropped(4));

        assertThat(count("telemetry.samples.stored")).isEqualTo(41);
        assertThat(count("telemetry.samples.rejected")).isEqualTo(5);
        assertThat(count("telemetry.samples.repeated")).isEqualTo(3);
        assertThat(count("telemetry.samples.no_value")).isEqualTo(7);
        assertThat(count("telemetry.samples.duplicate")).isEqualTo(4);
    }

    @Test
    void rowsLeftOut_areCountedByTable() {
        meters.on(new TelemetryEvent.RowsLeftOut("client_days", 2));
        meters.on(new TelemetryEvent.RowsLeftOut("device_days", 3));
        meters.on(new TelemetryEvent.RowsLeftOut("client_days", 4));

        assertThat(count("telemetry.rows.left.out", "table", "client_days")).isEqualTo(6);
        assertThat(count("telemetry.rows.left.out", "table", "device_days")).isEqualTo(3);
    }

    @Test
    void deadLetters_areCountedByStage() {
        SourceRecord record = SourceRecord.builder(Logs.partition(0), 7).build();
        meters.on(
                new TelemetryEvent.RecordRefused(new DeadLetter(record, DeadLetter.Stage.VALIDATE, List.of("a", "b"))));

        assertThat(count("telemetry.dead.letters", "stage", "decode")).isZero();
        assertThat(count("telemetry.dead.letters", "stage", "validate")).isEqualTo(1);
        assertThat(count("telemetry.dead.letters", "stage", "write")).isZero();
    }

    @Test
    void batches_areCountedMeasuredAndTimed() {
        meters.on(new TelemetryEvent.BatchWritten(90, 10, Duration.ofMillis(20)));
        meters.on(new TelemetryEvent.BatchWritten(5, 0, Duration.ofMillis(30)));

        assertThat(count("telemetry.records.written")).isEqualTo(95);
        assertThat(registry.get("telemetry.batch.size").summary().count()).isEqualTo(2);
        assertThat(registry.get("telemetry.batch.size").summary().totalAmount()).isEqualTo(105);
        assertThat(registry.get("telemetry.write.time").timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(50);
    }

    @Test
    void batchWithoutDuration_isCountedAndNotTimed() {
        meters.on(new TelemetryEvent.BatchWritten(1, 0, Duration.ZERO));

        assertThat(count("telemetry.records.written")).isEqualTo(1);
        assertThat(registry.get("telemetry.batch.size").summary().count()).isEqualTo(1);
        assertThat(registry.get("telemetry.write.time").timer().count()).isZero();
    }

    @Test
    void troubleAndChanges_areCounted() {
        meters.on(new TelemetryEvent.WriteRetried(1, Duration.ZERO, new IllegalStateException("away")));
        meters.on(new TelemetryEvent.PartitionsFenced(Set.of(Logs.partition(0), Logs.partition(1))));
        meters.on(new TelemetryEvent.GapRecorded(
                Logs.partition(0), new Gap(Gap.Reason.EXPIRED, Logs.position(1), Logs.position(9))));
        meters.on(new TelemetryEvent.SettingChanged("s", "batch_size", Optional.empty(), Optional.of("9"), true));
        meters.on(new TelemetryEvent.ClientReplaced("g"));

        assertThat(count("telemetry.retries")).isEqualTo(1);
        assertThat(count("telemetry.writes.fenced")).isEqualTo(1);
        assertThat(count("telemetry.gaps", "reason", "expired")).isEqualTo(1);
        assertThat(count("telemetry.gaps", "reason", "start")).isZero();
        assertThat(count("telemetry.settings.changed")).isEqualTo(1);
        assertThat(count("telemetry.clients.replaced")).isEqualTo(1);
    }

    @Test
    void states_areOneForTheCurrentOnly() {
        meters.on(new TelemetryEvent.LagAlarm(TelemetryEvent.Severity.CRITICAL, 200_000, "more than 100,000"));
        meters.on(new TelemetryEvent.ActivityChanged(TelemetryEvent.Activity.STUCK, Duration.ofMinutes(2)));

        assertThat(gauge("telemetry.lag.alarm", "severity", "none")).isZero();
        assertThat(gauge("telemetry.lag.alarm", "severity", "critical")).isEqualTo(1);
        assertThat(gauge("telemetry.activity", "activity", "active")).isZero();
        assertThat(gauge("telemetry.activity", "activity", "stuck")).isEqualTo(1);
    }

    @Test
    void end_setsTheStatesBackForTheConsumerThatFollows() {
        meters.on(new TelemetryEvent.LagAlarm(TelemetryEvent.Severity.CRITICAL, 200_000, "more than 100,000"));
        meters.on(new TelemetryEvent.ActivityChanged(TelemetryEvent.Activity.STUCK, Duration.ofMinutes(2)));

        meters.on(new TelemetryEvent.ConsumerStopped(0, Optional.empty()));

        assertThat(gauge("telemetry.lag.alarm", "severity", "none")).isEqualTo(1);
        assertThat(gauge("telemetry.lag.alarm", "severity", "critical")).isZero();
        assertThat(gauge("telemetry.activity", "activity", "active")).isEqualTo(1);
        assertThat(gauge("telemetry.activity", "activity", "stuck")).isZero();
    }

    @Test
    void eventWithoutAMeter_isPassedOver() {
        meters.on(new TelemetryEvent.ClientQuiet("client", Instant.EPOCH));

        assertThat(registry.getMeters()).hasSize(39);
    }

    @Test
    void tag_isOnEveryMeter() {
        SimpleMeterRegistry tagged = new SimpleMeterRegistry();
        MicrometerTelemetry two = MicrometerTelemetry.builder(tagged)
                .tag("consumer", "heartbeats")
                .tag("zone", "a")
                .build();
        two.on(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(0))));
        two.on(LagGaugesTest.measured(0, 7));
        two.opened(new MeteredConsumer("c", 1), () -> 0);

        assertThat(tagged.getMeters())
                .anyMatch(meter -> meter.getId().getName().equals("telemetry.lag"))
                .anyMatch(meter -> meter.getId().getName().equals(MeteredConsumer.METER))
                .allSatisfy(meter -> assertThat(meter.getId().getTags())
                        .contains(Tag.of("consumer", "heartbeats"), Tag.of("zone", "a")));
    }

    @Test
    void builder_namesWhatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> MicrometerTelemetry.create(null))
                .withMessage("registry");
        assertThatNullPointerException()
                .isThrownBy(() -> MicrometerTelemetry.builder(registry).tag(null, "v"))
                .withMessage("key");
        assertThatNullPointerException()
                .isThrownBy(() -> MicrometerTelemetry.builder(registry).tag("k", null))
                .withMessage("value");
    }
}
