package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.servers.TranslatedPostgres;
import io.gpufleet.telemetry.testkit.PostgresServer;

/**
 * The servers of a fault run. Immutable.
 *
 * @param brokers one or three
 * @param postgres the server of the database
 * @param partitionedByDay whether the heartbeats are partitioned by day
 */
record Servers(Brokers brokers, PostgresServer postgres, boolean partitionedByDay) {

    /** Returns servers with English messages, and all heartbeats in one table. */
    static Servers inEnglish(Brokers brokers) {
        return new Servers(brokers, PostgresServer.builder().durable().start(), false);
    }

    /** Returns servers with German messages; without such a PostgreSQL, the test is skipped. */
    static PostgresServer germanPostgres() {
        return TranslatedPostgres.start(PostgresServer.Builder::durable);
    }

    boolean hasOneBroker() {
        return brokers instanceof OneBroker;
    }

    boolean hasThreeBrokers() {
        return brokers instanceof ThreeBrokers;
    }

    void close() {
        postgres.close();
        brokers.close();
    }
}
