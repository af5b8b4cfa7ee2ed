/** Shared by the packages of this module: transactions, SQL identifiers, and failures of SQL sorted. Not for hosts. */
@NullMarked
package io.gpufleet.telemetry.jdbc.internal;

import org.jspecify.annotations.NullMarked;
