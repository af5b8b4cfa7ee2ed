package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of the compaction, so that one process at a time compacts. It is prolonged while work goes on; the lease of
 * a killed process ends by itself. Each transaction of the work proves that the lease is still held, and keeps it until
 * its end. Belongs to the thread of a run; only {@link #giveBack()} may be called by others.
 */
final class CompactionLease {
    private static final Logger log = LoggerFactory.getLogger(CompactionLease.class);
    private static final String HOST = nameOfHost();

    private static final String TAKE = """
            INSERT INTO {gpu_compaction_lease} AS l (name, runner, held_until)
            VALUES ('compaction', :runner, now() + :millis * interval '1 millisecond')
            ON CONFLICT (name) DO UPDATE SET runner = excluded.runner, held_until = excluded.held_until
            WHERE l.runner = excluded.runner OR l.held_until < now()""";

    private static final String HOLDER = "SELECT runner FROM {gpu_compaction_lease} WHERE name = 'compaction'";

    private static final String HOLDER_AND_END = "SELECT runner || ', until ' || to_char(held_until AT TIME ZONE 'UTC',"
            + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM {gpu_compaction_lease} WHERE name = 'compaction'";

    private static final String GIVE_BACK = "UPDATE {gpu_compaction_lease} SET held_until = now() - interval"
            + " '1 microsecond' WHERE name = 'compaction' AND runner = ?";

    private static final String PROVE = HOLDER + " AND runner = :runner FOR SHARE";

    private final Transactions transactions;
    private final Optional<String> schema;
    private final Duration length;
    private final String runner;
    private long takenNanos;

    /**
     * Prepares a lease of this process.
     *
     * @param length the time after which another process may take it, counted from its last prolongation
     */
    CompactionLease(DataSource dataSource, Optional<String> schema, Duration length) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.DEFAULT);
        this.schema = schema;
        this.length = length;
        this.runner = HOST + " pid " + ProcessHandle.current().pid() + " run " + UUID.randomUUID();
    }

    /** Returns the longest rest after which the lease is surely still held. */
    Duration longestRest() {
        return length.dividedBy(3);
    }

    /** Returns the name that the environment gives, as in a container, or else that of the system. */
    private static String nameOfHost() {
        String name = System.getenv("HOSTNAME");
        if (name != null && !name.isBlank()) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown host";
        }
    }

    /** Takes or prolongs the lease, and returns the other process that holds it; absent if this one does. */
    Optional<String> take() {
        return transactions.call(
                "lease of the compaction",
                connection -> Jdbi.create(connection).withHandle(handle -> {
                    int taken = handle.createUpdate(Identifier.qualifyAll(schema, TAKE))
                            .bind("runner", runner)
                            .bind("millis", length.toMillis())
                            .execute();
                    takenNanos = taken == 0 ? takenNanos : System.nanoTime();
                    return taken == 0 ? Optional.of(holder(handle)) : Optional.empty();
                }));
    }

    private String holder(Handle handle) {
        return handle.createQuery(Identifier.qualifyAll(schema, HOLDER_AND_END))
                .mapTo(String.class)
                .findOne()
                .orElse("none");
    }

    /** Prolongs the lease if a third of it has passed. */
    void prolong() {
        if (System.nanoTime() - takenNanos > length.toNanos() / 3) {
            take().ifPresent(this::refuse);
        }
    }

    /**
     * Keeps the lease until the transaction ends.
     *
     * @throws CompactionStop if another process holds it
     */
    void prove(Handle handle) {
        boolean isHeld = handle.createQuery(Identifier.qualifyAll(schema, PROVE))
                .bind("runner", runner)
                .mapTo(String.class)
                .findOne()
                .isPresent();
        if (!isHeld) {
            refuse(holder(handle));
        }
    }

    private void refuse(String other) {
        throw new CompactionStop(
                "Compaction has stopped: its lease of " + length + " had ended, and is now held by " + other);
    }

    /** Ends the lease, so that another process need not wait. */
    void giveBack() {
        try {
            transactions.call(
                    "lease of the compaction",
                    connection -> Jdbi.create(connection)
                            .withHandle(handle -> handle.execute(Identifier.qualifyAll(schema, GIVE_BACK), runner)));
        } catch (TelemetryException e) {
            log.debug("Lease of the compaction was not given back; it ends by itself", e);
        }
    }
}
