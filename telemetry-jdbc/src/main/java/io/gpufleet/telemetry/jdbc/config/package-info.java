/** Settings of consumers in the table {@code pipeline_consumer_configs}: read, watched and edited. */
@NullMarked
package io.gpufleet.telemetry.jdbc.config;

import org.jspecify.annotations.NullMarked;
