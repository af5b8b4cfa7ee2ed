package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.servers.LogSegment;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** What goes wrong on the disk of the broker. */
final class DiskFaults {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private DiskFaults() {}

    /** A batch that was not consumed yet, and what is changed about it on the disk. Immutable. */
    private record Damaged(
            int partition, LogSegment segment, LogSegment.Batch batch, BiConsumer<LogSegment, LogSegment.Batch> way) {

        /** Damages it; done twice, it is as before. */
        void flip() {
            way.accept(segment, batch);
        }

        @Override
        public String toString() {
            return "damaged batch of partition " + partition + " from " + batch.from() + " to " + batch.next();
        }
    }

    /**
     * Damages a batch, which an operator skips. It is repaired all the same, later: a broker that is killed would cut
     * its log there.
     */
    static Fault.Aftermath damageAndPassOver(FaultSite site) throws Exception {
        Damaged damaged = damage(site, LogSegment::flipBit);
        LogSegment.Batch batch = damaged.batch();
        site.losses().damage(site.presentLog(damaged.partition()), batch.from(), batch.next());
        site.movePosition(damaged.partition(), batch.from(), batch.next());
        return damaged::flip;
    }

    /** Damages a batch by its bytes or by its length, and repairs the log. */
    static Fault.Aftermath damageAndRepair(FaultSite site) throws Exception {
        damage(site, site.random().nextBoolean() ? LogSegment::flipBit : LogSegment::flipLength)
                .flip();
        return Fault.Aftermath.NONE;
    }

    /** Damages an unread batch: its partition must stand still there, by name, and the others go on. */
    private static Damaged damage(FaultSite site, BiConsumer<LogSegment, LogSegment.Batch> way) throws Exception {
        site.load().pause();
        for (AuditedConsumer member : site.consumers().members()) {
            site.consumers().stop(member);
        }
        Damaged damaged = damageUnread(site, way);
        for (int member = 0; member < FaultSite.MEMBERS; member++) {
            site.consumers().start();
        }
        site.consumers().awaitStart();
        site.load().begin(FaultRun.FIRST_RECORDS);
        awaitStandstill(site, damaged);
        return damaged;
    }

    /** Sends some records, and damages a batch of them once the model knows it. */
    private static Damaged damageUnread(FaultSite site, BiConsumer<LogSegment, LogSegment.Batch> way) throws Exception {
        int partition = site.anyPartition();
        long first = site.topics().endOffsets(FaultSite.TOPIC).get(partition);
        site.load().begin(FaultRun.FIRST_RECORDS);
        site.load().pause();
        site.readLog();
        LogSegment segment = site.segment(partition);
        List<LogSegment.Batch> batches = segment.batches().stream()
                .filter(batch -> batch.from() >= first)
                .toList();
        LogSegment.Batch batch = batches.get(site.random().nextInt(batches.size()));
        Damaged damaged = new Damaged(partition, segment, batch, way);
        site.progress().excuse(partition, batch.from());
        damaged.flip();
        return damaged;
    }

    /** All before the batch is written, all of the other partitions, and health names the place. */
    private static void awaitStandstill(FaultSite site, Damaged damaged) {
        long standing = damaged.batch().from();
        Map<Integer, Long> wanted = new TreeMap<>(site.topics().endOffsets(FaultSite.TOPIC));
        wanted.put(damaged.partition(), standing);
        String place = FaultSite.TOPIC + "-" + damaged.partition() + " cannot be read at offset " + standing;
        site.progress().await("all but " + damaged, wanted);
        Await.until("health names it: " + place, LIMIT, () -> site.consumers().haveSaid(place));
        assertThat(site.progress().positions()).as(damaged.toString()).containsEntry(damaged.partition(), standing);
    }
}
