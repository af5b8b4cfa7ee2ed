/** How does it live in a Spring Boot application? With the host's life, health, metrics, pool and migrations. */
@NullMarked
package io.gpufleet.telemetry.examples.spring;

import org.jspecify.annotations.NullMarked;
