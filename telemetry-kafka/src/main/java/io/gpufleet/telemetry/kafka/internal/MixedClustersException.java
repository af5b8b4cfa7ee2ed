package io.gpufleet.telemetry.kafka.internal;

import org.apache.kafka.common.errors.RetriableException;

/** The failure of a consumer whose addresses lead to brokers of several clusters; it passes when they lead to one. */
public final class MixedClustersException extends RetriableException {
    private static final long serialVersionUID = 1L;

    public MixedClustersException(String who) {
        super(who + ": all addresses must lead to one cluster");
    }
}
