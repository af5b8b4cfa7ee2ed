package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;

/** The faults of the broker and its topic. */
final class BrokerFaults {
    private static final int MOST_PARTITIONS = 12;

    private BrokerFaults() {}

    /** Kills the broker, which restarts on its data. */
    static Fault.Aftermath kill(FaultSite site) throws InterruptedException {
        site.broker().kill();
        site.waitAWhile();
        site.broker().start();
        return Fault.Aftermath.NONE;
    }

    /** Suspends the broker. */
    static Fault.Aftermath freeze(FaultSite site) throws InterruptedException {
        site.broker().suspend();
        site.waitAWhile();
        site.broker().resume();
        return Fault.Aftermath.NONE;
    }

    /** Adds a partition while all consumers run. */
    static Fault.Aftermath addPartition(FaultSite site) {
        int partitions = site.topics().endOffsets(FaultSite.TOPIC).size();
        if (partitions < MOST_PARTITIONS) {
            site.topics().addPartitions(FaultSite.TOPIC, partitions + 1);
        }
        return Fault.Aftermath.NONE;
    }

    /** Deletes and recreates the topic, with unconsumed records in it. */
    static Fault.Aftermath replaceTopic(FaultSite site) throws Exception {
        whileNobodyConsumes(site, site::replaceTopic);
        site.load().begin(FaultRun.FIRST_RECORDS);
        return Fault.Aftermath.NONE;
    }

    /** Deletes unconsumed records by retention. */
    static Fault.Aftermath expire(FaultSite site) throws Exception {
        whileNobodyConsumes(site, site::expireRecords);
        site.load().begin(FaultRun.FIRST_RECORDS);
        return Fault.Aftermath.NONE;
    }

    @FunctionalInterface
    private interface Loss {
        void run() throws Exception;
    }

    /** Sends some records that no consumer sees, reads them for the audit, and removes them from the log. */
    private static void whileNobodyConsumes(FaultSite site, Loss loss) throws Exception {
        site.consumers().members().forEach(AuditedConsumer::suspend);
        site.load().pause();
        site.load().begin(FaultRun.FIRST_RECORDS);
        site.load().pause();
        site.readLog();
        loss.run();
        site.consumers().members().forEach(AuditedConsumer::resume);
    }
}
