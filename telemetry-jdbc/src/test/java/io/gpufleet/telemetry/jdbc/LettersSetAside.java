package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Duration;
import java.time.Instant;

/** Dead letters of one group, stored as by a consumer, with replayers of them. Belongs to one test. */
final class LettersSetAside {
    static final BincodeHeartbeatCodec CODEC = BincodeHeartbeatCodec.fixed();

    /** The end of a query for the replayed letters. */
    static final String MARKED = "dead_letters WHERE replayed_at IS NOT NULL";

    private final Database database;
    private final Feed<Heartbeat> feed;

    LettersSetAside(Database database) {
        this.database = database;
        this.feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    Feed<Heartbeat> feed() {
        return feed;
    }

    /** Adds a good heartbeat to the next dead letters, as after a fix of the code. */
    LettersSetAside add(Heartbeat heartbeat, Instant time, String... reasons) {
        feed.add(feed.record().timestampMillis(time.toEpochMilli()).value(CODEC.encode(heartbeat)), reasons);
        return this;
    }

    void write() {
        feed.write();
    }

    /** Dead-letters a number of good heartbeats. */
    void write(int letters) {
        for (int i = 0; i < letters; i++) {
            add(heartbeat(1 + i % 3, i % 100, device(i % 100)), NOON.plusSeconds(i), "a defect");
        }
        write();
    }

    DeadLetterReplayer.Builder<Heartbeat> replayer() {
        return DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "g").retry(soon());
    }

    private static RetryPolicy soon() {
        return RetryPolicy.builder()
                .initialBackoff(Duration.ofMillis(1))
                .maxBackoff(Duration.ofMillis(1))
                .build();
    }
}
