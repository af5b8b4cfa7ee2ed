/**
 * Questions about GPUs and their samples, answered from the tables of the capability {@code gpuSamples}
 * ({@link io.gpufleet.telemetry.jdbc.query.GpuQueries}; rows and compacted days are read in one answer), and about
 * machines, their devices and daily statistics, from those of {@code heartbeats}
 * ({@link io.gpufleet.telemetry.jdbc.query.HeartbeatQueries}).
 */
@NullMarked
package io.gpufleet.telemetry.jdbc.query;

import org.jspecify.annotations.NullMarked;
