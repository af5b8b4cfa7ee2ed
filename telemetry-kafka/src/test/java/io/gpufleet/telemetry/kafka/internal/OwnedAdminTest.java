package io.gpufleet.telemetry.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.FakeCluster;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class OwnedAdminTest {
    private final FakeCluster cluster = new FakeCluster();
    private final AtomicInteger made = new AtomicInteger();
    private long nanos;
    private final OwnedAdmin owned = new OwnedAdmin(this::client, () -> nanos);

    private Admin client() {
        made.incrementAndGet();
        return cluster.admin();
    }

    @Test
    void clientThatHadNoAnswerForLong_givesWayToAnother() {
        nanos += Duration.ofMinutes(4).toNanos();
        owned.asked(false);
        owned.get();

        assertThat(made).as("not before its time").hasValue(1);

        nanos += Duration.ofMinutes(1).toNanos();
        owned.asked(false);
        owned.get();

        assertThat(made).hasValue(2);
    }

    @Test
    void newClient_isGivenTheSameTime() {
        nanos += Duration.ofMinutes(5).toNanos();
        owned.asked(false);
        owned.get();
        nanos += Duration.ofMinutes(4).toNanos();

        owned.asked(false);
        owned.get();

        assertThat(made).hasValue(2);
    }

    @Test
    void answer_keepsTheClient() {
        nanos += Duration.ofMinutes(4).toNanos();
        owned.asked(true);
        nanos += Duration.ofMinutes(4).toNanos();

        owned.asked(false);
        owned.get();

        assertThat(made).hasValue(1);
    }
}
