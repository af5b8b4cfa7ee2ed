package io.gpufleet.telemetry.integration.faults;

import java.time.Duration;

/**
 * How long a consumer that does not move is waited for. Immutable.
 *
 * @param session by its group
 * @param idleInTransaction by the database, while it holds locks
 */
record Patience(Duration session, Duration idleInTransaction) {}
