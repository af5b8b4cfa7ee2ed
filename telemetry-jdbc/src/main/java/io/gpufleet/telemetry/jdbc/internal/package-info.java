/**
 * Shared by the packages of this module: transactions, SQL identifiers, and the classification of SQL failures. Not for
 * hosts.
 */
@NullMarked
package io.gpufleet.telemetry.jdbc.internal;

import org.jspecify.annotations.NullMarked;
