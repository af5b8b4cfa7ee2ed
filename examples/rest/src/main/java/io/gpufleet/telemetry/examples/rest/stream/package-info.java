/** The stream of GPU samples: server-sent events, straight from the topic. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.stream;

import org.jspecify.annotations.NullMarked;
