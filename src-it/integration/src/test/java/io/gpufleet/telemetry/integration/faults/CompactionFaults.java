package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The faults of a compaction, and the retention of the days that it compacts. */
final class CompactionFaults {
    private static final long HELD_NANOS = Duration.ofMillis(700).toNanos();

    private CompactionFaults() {}

    /** Kills a compaction within a transaction. */
    static Fault.Aftermath kill(FaultSite site) throws IOException {
        return strike(site, name -> site.compactors().replace(name));
    }

    /** Ends the session of a compaction within a transaction. */
    static Fault.Aftermath terminate(FaultSite site) throws IOException {
        return strike(site, name -> site.compactors().terminate(name));
    }

    /** Freezes a compaction within a transaction; it wakes when the other one has the lease. */
    static Fault.Aftermath freeze(FaultSite site) throws IOException {
        ForkedJvm[] frozen = new ForkedJvm[1];
        strike(site, name -> {
            frozen[0] = site.compactors().member(name);
            frozen[0].suspend();
        });
        return frozen[0]::resume;
    }

    /** Holds a compaction within a transaction for less than its lock timeout, while the consumers write. */
    static Fault.Aftermath hold(FaultSite site) throws IOException {
        return strike(site, name -> LockSupport.parkNanos(HELD_NANOS));
    }

    private static Fault.Aftermath strike(FaultSite site, Compactors.Blow blow) throws IOException {
        site.compactors().strikeInTransaction(site.random().nextInt(Integer.MAX_VALUE), blow);
        return Fault.Aftermath.NONE;
    }

    /** Drops old days while others are compacted. */
    static Fault.Aftermath drop(FaultSite site) {
        site.compactors().dropOldDays();
        return Fault.Aftermath.NONE;
    }
}
