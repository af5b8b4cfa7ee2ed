package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/** Heartbeats that the sink has stored, and questions about them as of 2026-11-20 12:00 UTC. */
final class StoredHeartbeats {
    private final Database database;
    private final Feed<Heartbeat> feed;

    StoredHeartbeats(Database database) {
        this.database = database;
        this.feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    Database database() {
        return database;
    }

    HeartbeatQueries queries() {
        return queries(database.dataSource());
    }

    static HeartbeatQueries queries(DataSource source) {
        return HeartbeatQueries.builder(source)
                .clock(Clock.fixed(NOON, ZoneOffset.UTC))
                .build();
    }

    StoredHeartbeats store(Heartbeat heartbeat, Instant time) {
        feed.add(heartbeat, time).write();
        return this;
    }
}
