/**
 * The contracts of all modules: records with their source, batches, sinks, aggregators and the policies between them.
 *
 * @serial exclude
 */
@NullMarked
package io.gpufleet.telemetry;

import org.jspecify.annotations.NullMarked;
