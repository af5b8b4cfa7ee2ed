/** Topics created, described, and compared with the catalogue through the admin client. */
@NullMarked
package io.gpufleet.telemetry.kafka.topic;

import org.jspecify.annotations.NullMarked;
