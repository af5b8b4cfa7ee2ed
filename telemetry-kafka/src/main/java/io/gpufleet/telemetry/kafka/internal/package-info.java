/**
 * Shared by the packages of this module: Kafka clients, questions to a cluster, and failures in words. Not for hosts.
 */
@NullMarked
package io.gpufleet.telemetry.kafka.internal;

import org.jspecify.annotations.NullMarked;
