/** Lag and throughput of consumers in PostgreSQL: samples, reports, alarms, and advice on partitions. */
@NullMarked
package io.gpufleet.telemetry.jdbc.monitor;

import org.jspecify.annotations.NullMarked;
