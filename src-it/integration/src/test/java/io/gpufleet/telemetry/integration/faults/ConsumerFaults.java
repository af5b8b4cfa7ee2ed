package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Holds;
import java.io.IOException;
import java.time.Duration;

/** The faults of the consumers themselves. */
final class ConsumerFaults {
    private static final Duration LEAST_OFFSET = Duration.ofMinutes(1);

    /** Less than the age of the load's heartbeats, which would otherwise be in the future. */
    private static final Duration MOST_OFFSET = Duration.ofHours(24);

    private static final int MEMBERS_THAT_SHARE = 2;

    private ConsumerFaults() {}

    /** Kills one or all of them, and starts as many. */
    static Fault.Aftermath kill(FaultSite site) throws IOException {
        int victims = site.random().nextInt(4) == 0 ? FaultSite.MEMBERS : 1;
        for (int i = 0; i < victims; i++) {
            site.consumers().kill(site.consumers().any());
        }
        for (int i = 0; i < victims; i++) {
            site.consumers().start();
        }
        return Fault.Aftermath.NONE;
    }

    /** Freezes one, at any place, until the others have taken over; then it wakes. */
    static Fault.Aftermath freeze(FaultSite site) {
        AuditedConsumer frozen = site.consumers().any();
        frozen.suspend();
        return frozen::resume;
    }

    /** Freezes one between its compare-and-set and its commit, until the others have taken over; then it wakes. */
    static Fault.Aftermath freezeInTransaction(FaultSite site) throws IOException {
        AuditedConsumer frozen = site.consumers().any();
        long held = frozen.count("held " + Holds.COMMIT);
        frozen.hold(Holds.COMMIT);
        frozen.awaitCount("held " + Holds.COMMIT, held + 1);
        frozen.suspend();
        return () -> {
            frozen.release(Holds.COMMIT);
            frozen.resume();
        };
    }

    /** Closes one, and starts another. */
    static Fault.Aftermath replace(FaultSite site) throws IOException {
        site.consumers().stop(site.consumers().any());
        site.consumers().start();
        return Fault.Aftermath.NONE;
    }

    /** Adds a member, and removes another while the partitions are still being moved. */
    static Fault.Aftermath joinAndLeave(FaultSite site) throws IOException {
        AuditedConsumer joining = site.consumers().start();
        joining.await("started");
        site.consumers().stop(site.consumers().members().get(site.random().nextInt(MEMBERS_THAT_SHARE)));
        return Fault.Aftermath.NONE;
    }

    /** Sets the clock of one ahead and then back, and kills another, so that partitions have to move. */
    static Fault.Aftermath jump(FaultSite site) throws IOException {
        AuditedConsumer member = site.consumers().any();
        member.setClock(site.anyBetween(LEAST_OFFSET, MOST_OFFSET));
        site.waitAWhile();
        member.setClock(site.anyBetween(LEAST_OFFSET, MOST_OFFSET).negated());
        AuditedConsumer other = site.consumers().members().stream()
                .filter(victim -> victim != member)
                .findAny()
                .orElseThrow();
        site.consumers().kill(other);
        site.consumers().start();
        return Fault.Aftermath.NONE;
    }
}
