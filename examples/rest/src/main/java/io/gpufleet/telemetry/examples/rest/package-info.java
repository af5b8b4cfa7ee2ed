/** An HTTP service over the tables of the SDK: questions, a stream of samples, and a way in for samples. */
@NullMarked
package io.gpufleet.telemetry.examples.rest;

import org.jspecify.annotations.NullMarked;
