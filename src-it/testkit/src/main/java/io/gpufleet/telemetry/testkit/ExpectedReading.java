package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.util.List;
import java.util.Optional;

/**
 * The right reading of a message.
 *
 * @param samples its samples
 * @param event its event
 * @param refusals the reasons for which rows are refused
 * @param noValues the number of readings without a value
 * @param unreadableLabels the number of samples whose other labels cannot be read
 */
record ExpectedReading(
        List<GpuSample> samples,
        Optional<MetricEvent> event,
        List<String> refusals,
        int noValues,
        int unreadableLabels) {}
