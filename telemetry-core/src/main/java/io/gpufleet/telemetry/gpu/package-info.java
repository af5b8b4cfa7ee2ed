/**
 * GPU samples and events. A sample ({@link io.gpufleet.telemetry.gpu.GpuSample}) is one reading of a metric
 * ({@link io.gpufleet.telemetry.gpu.GpuMetric}) of a GPU ({@link io.gpufleet.telemetry.gpu.GpuSubject}); an event
 * ({@link io.gpufleet.telemetry.gpu.MetricEvent}) has all readings ({@link io.gpufleet.telemetry.gpu.GpuReading}) of a
 * GPU at one time, and so has a row ({@link io.gpufleet.telemetry.gpu.GpuMetricsRow}) of the table of such readings.
 *
 * <p>The rooms: the catalogue of fields ({@code MetricCatalogue}, {@code MetricTraits}, {@code NamePattern}) behind
 * {@code GpuMetric}, with {@link io.gpufleet.telemetry.gpu.InstanceTotal}; the rules for "no value" and ranges in
 * {@link io.gpufleet.telemetry.gpu.Readings}, and nowhere else; identity ({@code Series}) and scope ({@code Copies})
 * behind {@code GpuSubject} and {@link io.gpufleet.telemetry.gpu.Scope}; the validators with their limits
 * ({@code TimeWindow}, {@code PowerLimits}); the join of samples to rows ({@code WideJoin}, {@code WideColumn},
 * {@code StoredType}) behind {@code GpuMetricsRow}. The headers that a record of samples may have are named by
 * {@link io.gpufleet.telemetry.gpu.ScrapeHeaders}.
 */
@NullMarked
package io.gpufleet.telemetry.gpu;

import org.jspecify.annotations.NullMarked;
