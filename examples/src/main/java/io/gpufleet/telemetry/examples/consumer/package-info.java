/** The ready consumers of heartbeats and of GPU samples as programs, with options and an orderly end. */
@NullMarked
package io.gpufleet.telemetry.examples.consumer;

import org.jspecify.annotations.NullMarked;
