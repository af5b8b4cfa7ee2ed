/**
 * How do I run the consumer in a Spring Boot application? With the host's lifecycle, health, metrics, pool and
 * migrations.
 */
@NullMarked
package io.gpufleet.telemetry.examples.spring;

import org.jspecify.annotations.NullMarked;
