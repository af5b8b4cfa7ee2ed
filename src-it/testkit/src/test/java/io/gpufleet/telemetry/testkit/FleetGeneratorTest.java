package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.KryoHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FleetGeneratorTest {
    private static final Instant START = Instant.parse("2026-03-01T23:59:00Z");

    @Test
    void sameOptions_yieldTheSameBytes() {
        FleetGenerator fleet = mixed(BincodeHeartbeatCodec.fixed());

        assertThat(printed(fleet.records(2_000)))
                .isEqualTo(printed(fleet.records(2_000)))
                .isEqualTo(printed(mixed(BincodeHeartbeatCodec.fixed()).records(2_000)));
    }

    @Test
    void bytes_stayTheSameFromVersionToVersion() throws Exception {
        byte[] all = String.join(
                        "\n", printed(mixed(BincodeHeartbeatCodec.fixed()).records(1_000)))
                .getBytes(StandardCharsets.UTF_8);

        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all), 0, 8))
                .isEqualTo("12506f941c46f798");
    }

    @Test
    void otherSeed_yieldsOtherMachines() {
        FleetGenerator one = FleetGenerator.builder().seed(1).build();
        FleetGenerator other = FleetGenerator.builder().seed(2).build();

        assertThat(one.records(1).get(0).key())
                .isNotEqualTo(other.records(1).get(0).key());
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void kinds_areWhatCodecAndValidatorMakeOfThem(Codec<Heartbeat> codec) {
        for (FleetRecord record : mixed(codec).records(5_000)) {
            assertThat(kind(record, codec)).as("%s", record).isEqualTo(record.kind());
        }
    }

    @Test
    void rates_areTheSharesOfTheRecords() {
        Map<FleetRecord.Kind, Long> counts = mixed(BincodeHeartbeatCodec.fixed()).stream()
                .limit(10_000)
                .collect(Collectors.groupingBy(FleetRecord::kind, Collectors.counting()));

        assertThat(counts.get(FleetRecord.Kind.DAMAGED)).isBetween(900L, 1_100L);
        assertThat(counts.get(FleetRecord.Kind.REFUSED)).isBetween(450L, 550L);
    }

    @Test
    void everyMachine_sendsOncePerInterval() {
        FleetGenerator fleet = FleetGenerator.builder()
                .clients(7)
                .start(START)
                .interval(Duration.ofSeconds(5))
                .build();

        List<FleetRecord> records = fleet.records(7 * 10);

        assertThat(records)
                .extracting(FleetRecord::timestamp)
                .isSorted()
                .first()
                .isEqualTo(START);
        Map<String, List<FleetRecord>> byClient = records.stream()
                .collect(Collectors.groupingBy(record -> new String(record.key(), StandardCharsets.US_ASCII)));
        assertThat(byClient).hasSize(7);
        byClient.forEach((client, own) -> {
            assertThat(client).matches("[0-9a-f]{32}");
            assertThat(own).hasSize(10);
            assertThat(Duration.between(own.get(3).timestamp(), own.get(4).timestamp()))
                    .hasSeconds(5);
        });
    }

    @Test
    void devices_areRealisticAndKeepTheirPlace() {
        FleetGenerator fleet =
                FleetGenerator.builder().clients(50).devicesPerClient(3, 5).build();

        for (FleetRecord record : fleet.records(500)) {
            List<Device> devices = record.heartbeat().devices();
            assertThat(devices).hasSizeBetween(3, 5).hasSize((int)
                    record.heartbeat().deviceCount());
            assertThat(devices).allSatisfy(device -> {
                assertThat(device.temperature()).isBetween(30, 85);
                assertThat(DeviceNames.standard().nameOf(device.vendorId(), device.deviceId()))
                        .doesNotContain("0x");
            });
        }
        assertThat(fleet.records(50))
                .anyMatch(record -> record.heartbeat().pods().size() == 2);
    }

    @Test
    void machines_mayHaveAnyNumberOfDevices() {
        List<FleetRecord> none =
                FleetGenerator.builder().devicesPerClient(0, 0).build().records(10);
        List<FleetRecord> many =
                FleetGenerator.builder().devicesPerClient(20, 20).build().records(10);

        assertThat(none).allSatisfy(record -> {
            assertThat(record.heartbeat().pods()).isEmpty();
            assertThat(record.heartbeat().deviceCount()).isZero();
        });
        assertThat(many).allSatisfy(record -> {
            assertThat(record.heartbeat().pods()).hasSize(3);
            assertThat(record.heartbeat().devices()).hasSize(20);
        });
    }

    @Test
    void collectors_failAsOftenAsAsked() {
        List<FleetRecord> records = FleetGenerator.builder()
                .collectorFailureRate(0.25)
                .refusalRate(0.1)
                .start(START)
                .build()
                .records(1_000);

        assertThat(records)
                .allSatisfy(record ->
                        assertThat(kind(record, BincodeHeartbeatCodec.fixed())).isEqualTo(record.kind()));
        assertThat(records.stream()
                        .filter(record -> record.kind() == FleetRecord.Kind.GOOD)
                        .map(FleetRecord::heartbeat)
                        .filter(heartbeat -> heartbeat.pods().isEmpty() && heartbeat.deviceCount() > 0))
                .hasSizeBetween(180, 270);
    }

    @Test
    void options_areChecked() {
        FleetGenerator.Builder builder = FleetGenerator.builder();

        assertThatThrownBy(() -> builder.clients(0)).hasMessage("clients: 0 is not 1 or more");
        assertThatThrownBy(() -> builder.devicesPerClient(3, 2)).hasMessageContaining("3 to 2");
        assertThatThrownBy(() -> builder.devicesPerClient(-1, 2)).hasMessageContaining("-1 to 2");
        assertThatThrownBy(() -> builder.devicesPerClient(1, 32_769)).hasMessageContaining("1 to 32769");
        assertThatThrownBy(() -> builder.collectorFailureRate(2)).hasMessageContaining("collectorFailureRate: 2.0");
        assertThatThrownBy(() -> builder.damageRate(1.5)).hasMessage("damageRate: 1.5 is not between 0 and 1");
        assertThatThrownBy(() -> builder.refusalRate(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> builder.startAgo(Duration.ofMillis(-1))).hasMessageContaining("startAgo: PT-0.001S");
        assertThatThrownBy(() -> builder.interval(Duration.ZERO)).hasMessageContaining("PT0S");
        assertThatThrownBy(() -> builder.damageRate(0.6).refusalRate(0.6).build())
                .hasMessage("damageRate 0.6 and refusalRate 0.6 are more than 1 together");
    }

    static Stream<Codec<Heartbeat>> codecs() {
        return Stream.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint(), KryoHeartbeatCodec.create());
    }

    private static FleetGenerator mixed(Codec<Heartbeat> codec) {
        return FleetGenerator.builder()
                .seed(42)
                .clients(20)
                .damageRate(0.1)
                .refusalRate(0.05)
                .start(START)
                .codec(codec)
                .build();
    }

    private static List<String> printed(List<FleetRecord> records) {
        HexFormat hex = HexFormat.of();
        Function<FleetRecord, String> print = record -> record.kind() + " " + record.timestamp() + " "
                + hex.formatHex(record.key()) + " " + hex.formatHex(record.value());
        return records.stream().map(print).toList();
    }

    private static FleetRecord.Kind kind(FleetRecord record, Codec<Heartbeat> codec) {
        Heartbeat decoded;
        try {
            decoded = codec.decode(record.value());
        } catch (CodecException e) {
            return FleetRecord.Kind.DAMAGED;
        }
        assertThat(decoded).isEqualTo(record.heartbeat());
        SourceRecord source = SourceRecord.builder(new SourcePartition("topic", 0), 0)
                .key(record.key())
                .value(record.value())
                .build();
        HeartbeatValidator validator = HeartbeatValidator.builder()
                .clock(Clock.fixed(START.plus(Duration.ofDays(1)), ZoneOffset.UTC))
                .build();
        List<String> reasons = validator.validate(Delivery.of(decoded, record.timestamp(), source));
        return reasons.isEmpty() ? FleetRecord.Kind.GOOD : FleetRecord.Kind.REFUSED;
    }
}
