/** Batches, positions and dead letters in one PostgreSQL transaction, and the schema they need. */
@NullMarked
package io.gpufleet.telemetry.jdbc;

import org.jspecify.annotations.NullMarked;
