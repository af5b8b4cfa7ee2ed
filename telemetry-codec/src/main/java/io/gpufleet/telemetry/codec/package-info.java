/**
 * The wire forms of a heartbeat, bincode with fixed and with variable integers and Kryo; those of GPU samples,
 * exposition text, CSV, the CSV of nvidia-smi and JSON; and the JSON of metric events.
 */
@NullMarked
package io.gpufleet.telemetry.codec;

import org.jspecify.annotations.NullMarked;
