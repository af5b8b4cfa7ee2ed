/** Heartbeats in PostgreSQL: the sink, its tables, and the check that rows and statistics agree. */
@NullMarked
package io.gpufleet.telemetry.jdbc.heartbeat;

import org.jspecify.annotations.NullMarked;
