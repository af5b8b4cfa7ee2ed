package io.gpufleet.telemetry.integration.faults;

import java.util.function.Predicate;

/** The kinds of faults, with their number in a short run and in one slice of the long one. */
enum FaultKind {
    CONSUMER_KILLED("consumer killed (SIGKILL)", 1, 15, false, ConsumerFaults::kill),
    CONSUMER_FROZEN("consumer frozen (SIGSTOP)", 0, 3, false, ConsumerFaults::freeze),
    FROZEN_IN_TRANSACTION("consumer frozen before COMMIT", 1, 3, false, ConsumerFaults::freezeInTransaction),
    CONSUMER_REPLACED("consumer stopped and replaced", 1, 3, false, ConsumerFaults::replace),
    GROUP_CHANGED("consumer joins, another leaves", 0, 3, false, ConsumerFaults::joinAndLeave),
    CLOCK_MOVED("clock of a consumer jumps", 1, 3, false, ConsumerFaults::jump),
    COMMIT_LOST("COMMIT lost", 1, 5, false, DatabaseFaults::loseCommits),
    COMMIT_REPLY_LOST("reply to COMMIT lost", 2, 5, false, DatabaseFaults::loseCommitReplies),
    SESSIONS_TERMINATED("sessions terminated", 1, 8, false, DatabaseFaults::terminate),
    DATABASE_READ_ONLY("database read-only", 1, 3, true, DatabaseFaults::readOnly),
    DISK_FULL("disk full (53100)", 0, 5, true, DatabaseFaults::fillDisk),
    WRITES_FAIL("transient errors of writes", 1, 5, true, DatabaseFaults::failForAWhile),
    CONNECTIONS_REFUSED("no connection left (53300)", 1, 3, true, DatabaseFaults::refuseConnections),
    DATABASE_KILLED("database killed (SIGKILL)", 1, 3, true, DatabaseFaults::kill),
    DATABASE_FROZEN("database frozen (SIGSTOP)", 1, 3, true, DatabaseFaults::freeze),
    DATABASE_RESTARTED("database restarted", 0, 3, true, DatabaseFaults::restart),
    OLDER_COPY("failover to an older copy", 1, 3, true, DatabaseFaults::failOver),
    TABLE_CHANGED("table changed under its plans", 1, 3, false, DatabaseFaults::changeTable),
    DAY_DROPPED("day dropped by hand", 1, 3, false, FaultSite::hasDays, DatabaseFaults::dropDay),
    COMPACTION_KILLED(
            "compaction killed in a transaction", 2, 30, false, FaultSite::isCompacted, CompactionFaults::kill),
    COMPACTION_TERMINATED(
            "session of a compaction ended", 1, 20, false, FaultSite::isCompacted, CompactionFaults::terminate),
    COMPACTION_FROZEN(
            "compaction frozen in a transaction", 1, 5, false, FaultSite::isCompacted, CompactionFaults::freeze),
    COMPACTION_HELD("compaction held in a transaction", 1, 15, false, FaultSite::isCompacted, CompactionFaults::hold),
    OLD_DAYS_DROPPED("retention beside compaction", 1, 10, false, FaultSite::isCompacted, CompactionFaults::drop),
    DATABASE_CUT("database: connections cut", 1, 6, false, Networks.DATABASE::cut),
    DATABASE_REFUSED("database: connections refused", 0, 3, true, Networks.DATABASE::refuse),
    DATABASE_HELD("database: nothing passes", 1, 3, true, Networks.DATABASE::hold),
    DATABASE_SLOW("database: slow network", 0, 3, true, Networks.DATABASE::slow),
    BROKER_KILLED("broker killed (SIGKILL)", 1, 3, true, FaultSite::hasOneBroker, BrokerFaults::kill),
    BROKER_FROZEN("broker frozen (SIGSTOP)", 0, 3, true, FaultSite::hasOneBroker, BrokerFaults::freeze),
    BROKER_CUT("broker: connections cut", 1, 6, false, FaultSite::hasOneBroker, Networks.BROKER::cut),
    BROKER_REFUSED("broker: connections refused", 0, 3, true, FaultSite::hasOneBroker, Networks.BROKER::refuse),
    BROKER_HELD("broker: nothing passes", 0, 3, true, FaultSite::hasOneBroker, Networks.BROKER::hold),
    BROKER_SLOW("broker: slow network", 0, 3, true, FaultSite::hasOneBroker, Networks.BROKER::slow),
    BATCH_PASSED_OVER("batch damaged, skipped", 1, 3, false, FaultSite::hasOneBroker, DiskFaults::damageAndPassOver),
    BATCH_REPAIRED("batch damaged, log repaired", 0, 3, false, FaultSite::hasOneBroker, DiskFaults::damageAndRepair),
    LEADER_KILLED("leader killed (SIGKILL)", 1, 5, false, FaultSite::hasThreeBrokers, ClusterFaults::killLeader),
    LEADERLESS("partition without a leader", 1, 3, false, FaultSite::hasThreeBrokers, ClusterFaults::takeLeader),
    BROKER_BEHIND("broker behind in metadata", 1, 3, false, FaultSite::hasThreeBrokers, ClusterFaults::holdBehind),
    BROKERS_RESTARTED(
            "brokers restarted one by one", 1, 3, false, FaultSite::hasThreeBrokers, ClusterFaults::restartAll),
    ABORTED_LATE("transaction left open, aborted", 1, 3, false, TransactionFaults::abortLate),
    COMMITTED_LATE("transaction left open, committed", 0, 3, false, TransactionFaults::commitLate),
    PARTITION_ADDED("partition added", 1, 1, false, BrokerFaults::addPartition),
    TOPIC_REPLACED("topic deleted and recreated", 1, 1, true, BrokerFaults::replaceTopic),
    RECORDS_EXPIRED("retention overtakes", 0, 1, true, BrokerFaults::expire);

    private static final class Networks {
        private static final NetworkFaults BROKER = new NetworkFaults(FaultSite::brokerNetwork);
        private static final NetworkFaults DATABASE =
                new NetworkFaults(site -> site.postgresProxy().network());
    }

    private final String text;
    private final int timesInShort;
    private final int timesInSlice;
    private final boolean outage;

    @SuppressWarnings("ImmutableEnumChecker") // a method without state
    private final Predicate<FaultSite> needed;

    @SuppressWarnings("ImmutableEnumChecker") // a method without state
    private final Fault fault;

    FaultKind(String text, int timesInShort, int timesInSlice, boolean outage, Fault fault) {
        this(text, timesInShort, timesInSlice, outage, any -> true, fault);
    }

    FaultKind(
            String text, int timesInShort, int timesInSlice, boolean outage, Predicate<FaultSite> needed, Fault fault) {
        this.text = text;
        this.timesInShort = timesInShort;
        this.timesInSlice = timesInSlice;
        this.outage = outage;
        this.needed = needed;
        this.fault = fault;
    }

    int timesInShort() {
        return timesInShort;
    }

    int timesInSlice() {
        return timesInSlice;
    }

    /** Returns whether the fault makes a resource of all consumers unavailable, so that none can continue. */
    boolean isOutage() {
        return outage;
    }

    /** Returns whether the target of the fault exists. */
    boolean canStrike(FaultSite site) {
        return needed.test(site);
    }

    Fault.Aftermath strike(FaultSite site) throws Exception {
        return fault.strike(site);
    }

    @Override
    public String toString() {
        return text;
    }
}
