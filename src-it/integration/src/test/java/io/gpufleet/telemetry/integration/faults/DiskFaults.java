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

/** The faults of the broker's disk. */
final class DiskFaults {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private DiskFaults() {}

    /** A batch that is not consumed yet, and its damage on the disk. Immutable. */
    private record Damaged(
            int partition, LogSegment segment, LogSegment.Batch batch, BiConsumer<LogSegment, LogSegment.Batch> way) {

        /** Damages the batch; the second call restores it. */
        void flip() {
            way.accept(segment, batch);
        }

        @Override
        public String toString() {
            return "damaged batch of partition " + partition + " from " + batch.from() + " to " + batch.next();
        }
    }

    /**
     * Damages a batch, which an operator skips. It is repaired later nevertheless, since a killed broker would truncate
     * its log there.
     */
    static Fault.Aftermath damageAndPassOver(FaultSite site) throws Exception {
        Damaged damaged = damage(site, LogSegment::flipBit);
        LogSegment.Batch batch = damaged.batch();
        site.losses().damage(site.presentLog(damaged.partition()), batch.from(), batch.next());
        site.movePosition(damaged.partition(), batch.from(), batch.next());
        return damaged::flip;
    }

    /** Damages a batch in its bytes or its length, and repairs the log. */
    static Fault.Aftermath damageAndRepair(FaultSite site) throws Exception {
        damage(site, site.random().nextBoolean() ? LogSegment::flipBit : LogSegment::flipLength)
                .flip();
        return Fault.Aftermath.NONE;
    }

    /**
     * Damages an unread batch: its partition must stand still there, named in the health, and the others must continue.
     */
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

    /**
     * Waits until all records before the batch and of the other partitions are written, and the health names the place.
     */
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
