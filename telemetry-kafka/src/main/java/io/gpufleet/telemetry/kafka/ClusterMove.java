package io.gpufleet.telemetry.kafka;

import java.time.Duration;

/**
 * A host's declaration that a group leaves a cluster for the present one. It counts for positions of the named cluster
 * only, so it does nothing once they have moved. Immutable.
 *
 * @param from the id of the cluster that the group leaves
 * @param margin the time before its newest record at which the group begins in the other cluster
 */
record ClusterMove(String from, Duration margin) {}
