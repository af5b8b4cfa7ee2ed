/** What does it do? A day of a simulated fleet, from a real topic into real tables, shown and checked. */
@NullMarked
package io.gpufleet.telemetry.examples.quickstart;

import org.jspecify.annotations.NullMarked;
