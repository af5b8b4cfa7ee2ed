/** Faults at the boundaries of a service, for tests of its recovery: proxies whose connections fail on demand. */
@NullMarked
package io.gpufleet.telemetry.testkit.faults;

import org.jspecify.annotations.NullMarked;
