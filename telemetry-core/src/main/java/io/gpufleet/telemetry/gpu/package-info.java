/**
 * GPU samples: what is measured ({@link io.gpufleet.telemetry.gpu.GpuMetric}), of which GPU
 * ({@link io.gpufleet.telemetry.gpu.GpuSubject}), one reading ({@link io.gpufleet.telemetry.gpu.GpuSample}), and the
 * rules that tell a value from no value ({@link io.gpufleet.telemetry.gpu.Readings}).
 */
@NullMarked
package io.gpufleet.telemetry.gpu;

import org.jspecify.annotations.NullMarked;
