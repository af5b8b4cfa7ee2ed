/** The ready consumer of heartbeats as a program, with options and an orderly end. */
@NullMarked
package io.gpufleet.telemetry.examples.consumer;

import org.jspecify.annotations.NullMarked;
