/** Faults at the boundaries of a service, for tests of what survives them: proxies whose connections fail on demand. */
@NullMarked
package io.gpufleet.telemetry.testkit.faults;

import org.jspecify.annotations.NullMarked;
