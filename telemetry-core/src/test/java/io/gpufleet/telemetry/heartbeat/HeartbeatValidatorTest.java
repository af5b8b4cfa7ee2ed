package io.gpufleet.telemetry.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatValidatorTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final HeartbeatValidator VALIDATOR =
            HeartbeatValidator.builder().clock(CLOCK).build();
    private static final Heartbeat GOOD = Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, Heartbeats.pod(0, 8));

    private static List<String> validate(Heartbeat heartbeat, Instant time, byte @Nullable [] key) {
        SourceRecord record =
                SourceRecord.builder(new SourcePartition("t", 0), 0).key(key).build();
        return VALIDATOR.validate(Delivery.of(heartbeat, time, record));
    }

    private static List<String> validate(Heartbeat heartbeat) {
        return validate(heartbeat, NOW, null);
    }

    private static List<String> validateTime(HeartbeatValidator validator, Instant time) {
        SourceRecord record =
                SourceRecord.builder(new SourcePartition("t", 0), 0).build();
        return validator.validate(Delivery.of(GOOD, time, record));
    }

    private static List<String> validateKey(String key) {
        return validate(GOOD, NOW, key.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> validate(SystemInfo load) {
        return validate(Heartbeats.of(Heartbeats.CLIENT, load));
    }

    private static List<String> validateTotals(long memory, long count, long tflops) {
        return validate(new Heartbeat(Heartbeats.CLIENT, Heartbeats.LOAD, memory, count, tflops, List.of()));
    }

    @Test
    void validate_acceptsTheLargestValues() {
        assertThat(validate(GOOD)).isEmpty();
        assertThat(validate(new SystemInfo(100, 100, 100, Long.MAX_VALUE, Long.MAX_VALUE)))
                .isEmpty();
        assertThat(validateTotals(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE))
                .isEmpty();
    }

    @Test
    void validate_acceptsAHeartbeatWithoutDevices() {
        assertThat(validate(Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD))).isEmpty();
        assertThat(validate(Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, Heartbeats.pod(0, 0))))
                .isEmpty();
        assertThat(validateTotals(0, 8, 0)).isEmpty();
    }

    @Test
    void validate_refusesPercentagesOverAHundred() {
        assertThat(validate(new SystemInfo(101, 0, 0, 0, 0))).containsExactly("cpu_usage 101 is more than 100 percent");
        assertThat(validate(new SystemInfo(0, 255, 0, 0, 0)))
                .containsExactly("memory_usage 255 is more than 100 percent");
        assertThat(validate(new SystemInfo(0, 0, 101, 0, 0)))
                .containsExactly("disk_usage 101 is more than 100 percent");
    }

    @Test
    void validate_refusesNetworkValuesThatDoNotFit() {
        assertThat(validate(new SystemInfo(0, 0, 0, Long.MIN_VALUE, 0)))
                .containsExactly("network_rx 9223372036854775808 is more than 9223372036854775807");
        assertThat(validate(new SystemInfo(0, 0, 0, 0, -1)))
                .containsExactly("network_tx 18446744073709551615 is more than 9223372036854775807");
    }

    @Test
    void validate_refusesTotalsThatDoNotFit() {
        assertThat(validateTotals(1L << 31, 0, 0))
                .containsExactly("device_memtotal_gb 2147483648 is more than 2147483647");
        assertThat(validateTotals(0, 1L << 31, 0)).containsExactly("device_count 2147483648 is more than 2147483647");
        assertThat(validateTotals(0, 0, 0xffff_ffffL))
                .containsExactly("total_tflops 4294967295 is more than 2147483647");
    }

    @Test
    void validate_refusesPodsThatClaimMoreThanEightDevices() {
        Heartbeat heartbeat = Heartbeats.of(
                Heartbeats.CLIENT,
                Heartbeats.LOAD,
                Heartbeats.pod(0, 9),
                Heartbeats.pod(1, 8),
                Heartbeats.pod(2, 65535));

        assertThat(validate(heartbeat))
                .containsExactly("pod 0 claims 9 devices, more than 8", "pod 2 claims 65535 devices, more than 8");
    }

    @Test
    void validate_acceptsDeviceReadingsAsTheyWereSent() {
        DevicePod pod = DevicePod.of(List.of(new Device(0, 255, 255, 255, 255, 65535, 65535, 65535, 65535)));

        assertThat(validate(Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, pod)))
                .isEmpty();
    }

    @Test
    void validate_limitsHowFarAheadATimeMayLie() {
        Instant latest = NOW.plus(Duration.ofMinutes(5));

        assertThat(validate(GOOD, latest, null)).isEmpty();
        assertThat(validate(GOOD, latest.plusNanos(1), null))
                .containsExactly("time 2026-03-01T12:05:00.000000001Z is more than 5 min ahead of the clock");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 min",
        "PT1M, 1 min",
        "PT1M1S, 61 s",
        "PT24H, 1 day",
        "PT24H1M, 1441 min",
        "PT0.5S, 500 ms",
        "PT0.0000005S, PT0.0000005S"
    })
    void validate_showsTheLimitInItsLargestWholeUnit(Duration limit, String shown) {
        HeartbeatValidator validator =
                HeartbeatValidator.builder().clock(CLOCK).maxAhead(limit).build();

        assertThat(validateTime(validator, NOW.plus(limit).plusMillis(1)))
                .singleElement()
                .asString()
                .endsWith(" is more than " + shown + " ahead of the clock");
    }

    @Test
    void validate_takesTheLimitFromTheBuilder() {
        HeartbeatValidator strict = HeartbeatValidator.builder()
                .clock(CLOCK)
                .maxAhead(Duration.ZERO)
                .build();
        HeartbeatValidator unlimited = HeartbeatValidator.builder()
                .clock(CLOCK)
                .maxAhead(Duration.ofSeconds(Long.MAX_VALUE))
                .build();

        assertThat(validateTime(strict, NOW)).isEmpty();
        assertThat(validateTime(strict, NOW.plusMillis(1))).hasSize(1);
        assertThat(validateTime(unlimited, Instant.MAX)).isEmpty();
    }

    @Test
    void validate_refusesTimesBefore1970() {
        HeartbeatValidator anyAge =
                HeartbeatValidator.builder().clock(CLOCK).anyAge().build();
        assertThat(validateTime(anyAge, Instant.EPOCH)).isEmpty();
        assertThat(validateTime(anyAge, Instant.ofEpochMilli(-1))).hasSize(1);
        assertThat(validate(GOOD, Instant.ofEpochMilli(-1), null))
                .containsExactly("time 1969-12-31T23:59:59.999Z is before 1970");
    }

    @Test
    void validate_refusesTimesFarBehindTheClock() {
        Instant oldest = NOW.minus(Duration.ofDays(30));
        HeartbeatValidator strict = HeartbeatValidator.builder()
                .clock(CLOCK)
                .anyAge()
                .maxBehind(Duration.ZERO)
                .build();

        assertThat(validate(GOOD, oldest, null)).isEmpty();
        assertThat(validate(GOOD, oldest.minusMillis(1), null))
                .singleElement()
                .asString()
                .startsWith("time 2026-01-30T11:59:59.999Z is more than 30 days behind the clock");
        assertThat(validateTime(strict, NOW)).isEmpty();
        assertThat(validateTime(strict, NOW.minusMillis(1))).hasSize(1);
    }

    @Test
    void validate_acceptsAKeyThatNamesTheClient() {
        assertThat(validate(GOOD, NOW, null)).isEmpty();
        assertThat(validate(GOOD, NOW, Heartbeats.CLIENT.toBytes())).isEmpty();
        assertThat(validateKey(Heartbeats.CLIENT.toString())).isEmpty();
        assertThat(validateKey(Heartbeats.CLIENT.toString().toUpperCase(Locale.ROOT)))
                .isEmpty();
        assertThat(validateKey("6E1131B49C014B7Da25f1077deadbeef")).isEmpty();
    }

    @Test
    void validate_refusesAnyOtherKey() {
        String reason = "the key is not the payload's client_id 6e1131b49c014b7da25f1077deadbeef";
        byte[] otherBytes = Heartbeats.CLIENT.toBytes();
        otherBytes[15]++;

        assertThat(validate(GOOD, NOW, otherBytes)).containsExactly(reason);
        for (byte[] key : List.of(new byte[0], new byte[15], new byte[16], new byte[32], new byte[33])) {
            assertThat(validate(GOOD, NOW, key)).containsExactly(reason);
        }
        assertThat(validateKey("6e1131b49c014b7da25f1077deadbeee")).containsExactly(reason);
        assertThat(validateKey("7e1131b49c014b7da25f1077deadbeef")).containsExactly(reason);
        assertThat(validateKey("6e1131b49c014b7da25f1077deadbeeg")).containsExactly(reason);
        assertThat(validateKey(Heartbeats.CLIENT + "0")).containsExactly(reason);
        assertThat(validateKey("6e1131b4-9c01-4b7d-a25f-1077deadbeef")).containsExactly(reason);
    }

    @Test
    void validate_givesEveryReason() {
        Heartbeat bad = new Heartbeat(
                Heartbeats.CLIENT,
                new SystemInfo(101, 102, 103, -1, -2),
                1L << 31,
                1L << 31,
                1L << 31,
                List.of(Heartbeats.pod(0, 9), Heartbeats.pod(1, 10)));

        assertThat(validate(bad, NOW.plus(Duration.ofDays(1)), new byte[0]))
                .hasSize(12)
                .doesNotHaveDuplicates();
        assertThat(validate(bad, Instant.now().minusMillis(1), new byte[0])).hasSize(12);
    }

    @Test
    void validate_usesTheSystemClockByDefault() {
        assertThat(validateTime(HeartbeatValidator.create(), Instant.now())).isEmpty();
        assertThat(validateTime(HeartbeatValidator.create(), Instant.parse("9999-01-01T00:00:00Z")))
                .hasSize(1);
    }

    @Test
    void builder_refusesANegativeLimit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeartbeatValidator.builder().maxAhead(Duration.ofMillis(-1)))
                .withMessage("maxAhead: PT-0.001S is negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeartbeatValidator.builder().maxBehind(Duration.ofMillis(-1)))
                .withMessage("maxBehind: PT-0.001S is negative");
    }

    @Test
    void key_isComparedAsBytes() {
        byte[] key = Heartbeats.CLIENT.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] withUmlaut = Arrays.copyOf(key, key.length);
        withUmlaut[0] = (byte) 0xe4;

        assertThat(validate(GOOD, NOW, withUmlaut)).hasSize(1);
    }

    @Test
    void validate_refusesMoreDevicesThanAnIndexCanNumber() {
        DevicePod[] pods = new DevicePod[4_096];
        Arrays.fill(pods, Heartbeats.pod(0, 8));
        assertThat(validate(Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, pods)))
                .isEmpty();

        DevicePod[] more = Arrays.copyOf(pods, 4_097);
        more[4_096] = Heartbeats.pod(0, 1);
        assertThat(validate(Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, more)))
                .containsExactly("the pods have 32769 devices, more than 32768");
    }
}
