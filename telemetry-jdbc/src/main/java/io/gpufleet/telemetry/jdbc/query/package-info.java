/**
 * Questions about GPUs and their samples, answered from the tables of the capability {@code gpuSamples}:
 * {@link io.gpufleet.telemetry.jdbc.query.GpuQueries} is the entry. Rows and compacted days are read in one answer.
 */
@NullMarked
package io.gpufleet.telemetry.jdbc.query;

import org.jspecify.annotations.NullMarked;
