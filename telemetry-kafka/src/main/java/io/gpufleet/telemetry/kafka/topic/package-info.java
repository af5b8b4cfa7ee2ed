/** Topics created and described through the admin client. */
@NullMarked
package io.gpufleet.telemetry.kafka.topic;

import org.jspecify.annotations.NullMarked;
