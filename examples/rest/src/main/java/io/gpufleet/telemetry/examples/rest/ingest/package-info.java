/** The way in for GPU samples: from the body of a request, through Kafka, to the tables. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.ingest;

import org.jspecify.annotations.NullMarked;
