package io.gpufleet.telemetry.jdbc.heartbeat;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.Heartbeats;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Everything that the validator accepts fits its columns: heartbeats drawn from the limits of every field, and beyond.
 */
final class HeartbeatLimitsTest {
    private static final HeartbeatValidator VALIDATOR = HeartbeatValidator.builder()
            .clock(Clock.fixed(NOON, ZoneOffset.UTC))
            .anyAge()
            .build();
    private static final long[] UNSIGNED_INT = {0, 1, Integer.MAX_VALUE, 1L << 31, 0xffff_ffffL};
    private static final long[] UNSIGNED_LONG = {0, 1, Long.MAX_VALUE - 1, Long.MAX_VALUE, Long.MIN_VALUE, -1};
    private static final int[] PERCENT = {0, 1, 99, 100, 101, 255};
    private static final Duration[] AGES = {
        Duration.ofMinutes(-5), Duration.ofMinutes(-6), Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(20_000)
    };

    private final Random random = new Random(20_261_120);

    @Test
    void write_takesWhateverTheValidatorAccepts() {
        Database database = PostgresVersion.POSTGRES_18.database();
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        int accepted = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Heartbeat heartbeat = heartbeat();
            Instant time = time();
            if (isAccepted(heartbeat, time)) {
                feed.add(heartbeat, time);
                accepted++;
            } else {
                refused++;
            }
            if (i % 500 == 499) {
                feed.write();
            }
        }
        assertThat(accepted).isGreaterThan(200);
        assertThat(refused).isGreaterThan(200);
        assertThat(database.count("heartbeat")).isBetween(100L, (long) accepted);
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    @Test
    void write_takesAsManyDevicesAsTheValidatorAccepts() {
        Database database = PostgresVersion.POSTGRES_18.database();
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        Heartbeat most = new Heartbeat(
                Heartbeats.client(1), new SystemInfo(1, 1, 1, 1, 1), 0, 0, 0, Collections.nCopies(4_096, pod(8)));
        assertThat(isAccepted(most, NOON)).isTrue();
        feed.add(most, NOON).write();
        assertThat(database.row("SELECT count(*), max(device_index) FROM device_info"))
                .isEqualTo("32768|32767");
    }

    private static boolean isAccepted(Heartbeat heartbeat, Instant time) {
        SourceRecord source = SourceRecord.builder(Feed.P0, 0).build();
        return VALIDATOR.validate(Delivery.of(heartbeat, time, source)).isEmpty();
    }

    private Heartbeat heartbeat() {
        SystemInfo info = new SystemInfo(percent(), percent(), percent(), pick(UNSIGNED_LONG), pick(UNSIGNED_LONG));
        List<DevicePod> pods = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            pods.add(pod(random.nextInt(20) == 0 ? 9 : random.nextInt(9)));
        }
        return new Heartbeat(
                Heartbeats.client(random.nextInt(50)),
                info,
                pick(UNSIGNED_INT),
                pick(UNSIGNED_INT),
                pick(UNSIGNED_INT),
                pods);
    }

    private DevicePod pod(int num) {
        return new DevicePod(
                num,
                65_535,
                65_535,
                65_535,
                65_535,
                0xffff_ffffL,
                OsType.NONE,
                EngineType.NONE,
                bytes(),
                bytes(),
                bytes(),
                bytes(),
                shorts(),
                shorts(),
                shorts(),
                shorts());
    }

    private PackedBytes bytes() {
        return random.nextBoolean() ? new PackedBytes(-1) : new PackedBytes(0);
    }

    private PackedShorts shorts() {
        return random.nextBoolean() ? new PackedShorts(-1, -1) : new PackedShorts(0, 0);
    }

    /** Usually returns a good value, so that enough heartbeats are accepted. */
    private int percent() {
        return PERCENT[random.nextInt(10) == 0 ? random.nextInt(PERCENT.length) : random.nextInt(4)];
    }

    private long pick(long[] values) {
        return values[random.nextInt(10) == 0 ? random.nextInt(values.length) : random.nextInt(3)];
    }

    private Instant time() {
        Duration age = AGES[random.nextInt(AGES.length)];
        return random.nextInt(20) == 0
                ? Instant.EPOCH.minusNanos(random.nextInt(2))
                : NOON.minus(age).plusMillis(-random.nextInt(1_000_000));
    }
}
