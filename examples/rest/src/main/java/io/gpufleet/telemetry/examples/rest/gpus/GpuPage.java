package io.gpufleet.telemetry.examples.rest.gpus;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A page of GPUs. Immutable.
 *
 * @param total the number of GPUs of all pages
 * @param limit the size of the page, as asked
 * @param offset the number of GPUs before the page
 * @param count the number of GPUs of the page
 * @param results the GPUs by host, number and UUID
 */
@Schema(description = "A page of GPUs by host, number and UUID")
record GpuPage(long total, int limit, long offset, int count, List<Gpu> results) {}
