/**
 * The wire forms of a heartbeat, bincode with fixed and with variable integers and Kryo; and those of GPU samples,
 * exposition text, CSV and JSON.
 */
@NullMarked
package io.gpufleet.telemetry.codec;

import org.jspecify.annotations.NullMarked;
