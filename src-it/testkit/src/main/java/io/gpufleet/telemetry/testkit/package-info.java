/**
 * A real Kafka broker and a real PostgreSQL for tests and demonstrations, a simulated fleet as their input, and helpers
 * that wait for a test's conditions.
 */
@NullMarked
package io.gpufleet.telemetry.testkit;

import org.jspecify.annotations.NullMarked;
