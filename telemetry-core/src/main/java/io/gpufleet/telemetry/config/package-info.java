/** The settings of a service in its row of {@code pipeline_consumer_configs}: its Kafka client and its batches. */
@NullMarked
package io.gpufleet.telemetry.config;

import org.jspecify.annotations.NullMarked;
