package io.gpufleet.telemetry.examples.rest;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.KafkaOptions;

/**
 * The settings of the service, as they were given at its start; a bean. Immutable.
 *
 * @param database the database
 * @param kafka the brokers
 * @param topic the topic of GPU samples
 * @param http where the service listens, and how much it answers
 * @param keys the keys of its callers; none if it asks for none
 */
public record ApiSettings(DatabaseOptions database, KafkaOptions kafka, String topic, HttpOptions http, ApiKeys keys) {
    /**
     * Checks the components.
     *
     * @param database as the component
     * @param kafka as the component
     * @param topic as the component
     * @param http as the component
     * @param keys as the component
     */
    public ApiSettings {
        requireNonNull(database, "database");
        requireNonNull(kafka, "kafka");
        requireNonNull(topic, "topic");
        requireNonNull(http, "http");
        requireNonNull(keys, "keys");
    }
}
