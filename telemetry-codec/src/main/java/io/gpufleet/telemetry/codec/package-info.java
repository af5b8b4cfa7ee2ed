/** The wire forms of a heartbeat: bincode with fixed and with variable integers, and Kryo. */
@NullMarked
package io.gpufleet.telemetry.codec;

import org.jspecify.annotations.NullMarked;
