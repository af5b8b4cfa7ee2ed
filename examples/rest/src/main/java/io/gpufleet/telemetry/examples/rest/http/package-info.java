/**
 * What all answers share: keys, limits, errors, entity tags, and the reading of parameters. A controller of another
 * package throws {@link io.gpufleet.telemetry.examples.rest.http.ProblemException} or the queries' own exceptions, and
 * names its parameters with {@link io.gpufleet.telemetry.examples.rest.http.Takes}, or with Spring's
 * {@code RequestParam}: any other parameter of a path below {@code /api/v1} is refused, as are those that stand twice
 * or are empty.
 */
@NullMarked
package io.gpufleet.telemetry.examples.rest.http;

import org.jspecify.annotations.NullMarked;
