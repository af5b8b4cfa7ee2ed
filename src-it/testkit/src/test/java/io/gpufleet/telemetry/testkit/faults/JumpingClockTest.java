package io.gpufleet.telemetry.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class JumpingClockTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    private final JumpingClock clock = JumpingClock.of(Clock.fixed(NOON, ZoneOffset.UTC));

    @Test
    void jump_addsUp() {
        assertThat(clock.instant()).isEqualTo(NOON);

        clock.jump(Duration.ofHours(12));
        clock.jump(Duration.ofDays(-1));

        assertThat(clock.instant()).isEqualTo(NOON.minus(Duration.ofHours(12)));
        assertThat(clock.millis()).isEqualTo(NOON.minus(Duration.ofHours(12)).toEpochMilli());
        assertThat(clock.offset()).isEqualTo(Duration.ofHours(-12));
    }

    @Test
    void heal_showsTheRightTime() {
        clock.jump(Duration.ofDays(365));

        clock.heal();

        assertThat(clock.instant()).isEqualTo(NOON);
    }

    @Test
    void withZone_jumpsWithTheOther() {
        Clock elsewhere = clock.withZone(ZoneId.of("America/St_Johns"));

        clock.jump(Duration.ofSeconds(1));

        assertThat(elsewhere.instant()).isEqualTo(NOON.plusSeconds(1));
        assertThat(elsewhere.getZone()).isEqualTo(ZoneId.of("America/St_Johns"));
    }

    @Test
    void create_showsTheSystemsTime() {
        JumpingClock system = JumpingClock.create();

        assertThat(system.instant()).isBetween(NOON, Instant.now());
        assertThat(system.getZone()).isEqualTo(ZoneOffset.UTC);
    }
}
