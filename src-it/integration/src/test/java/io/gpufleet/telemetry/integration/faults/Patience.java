package io.gpufleet.telemetry.integration.faults;

import java.time.Duration;

/**
 * The waits for a consumer that does not move. Immutable.
 *
 * @param session the wait of its group
 * @param idleInTransaction the wait of the database, while it holds locks
 */
record Patience(Duration session, Duration idleInTransaction) {}
