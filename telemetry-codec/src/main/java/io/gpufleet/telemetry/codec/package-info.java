/**
 * The wire forms of a heartbeat, bincode with fixed and with variable integers and Kryo; and those of GPU samples,
 * exposition text and CSV.
 */
@NullMarked
package io.gpufleet.telemetry.codec;

import org.jspecify.annotations.NullMarked;
