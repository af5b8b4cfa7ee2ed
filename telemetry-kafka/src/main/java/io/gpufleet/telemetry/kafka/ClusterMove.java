package io.gpufleet.telemetry.kafka;

import java.time.Duration;

/**
 * A host's word that a group leaves a cluster for the one that it consumes now. It counts for positions of the named
 * cluster only, so it does nothing once they have moved. Immutable.
 *
 * @param from the id of the cluster that the group leaves
 * @param margin how far before its newest record the group begins in the other cluster
 */
record ClusterMove(String from, Duration margin) {}
