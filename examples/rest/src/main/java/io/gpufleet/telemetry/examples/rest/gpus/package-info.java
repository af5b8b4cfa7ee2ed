/** The answers about GPUs and their samples. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.gpus;

import org.jspecify.annotations.NullMarked;
