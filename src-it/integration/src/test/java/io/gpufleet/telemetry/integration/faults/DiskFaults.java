package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.servers.LogSegment;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What goes wrong on the disk of the broker. */
final class DiskFaults {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private DiskFaults() {}

    /** The ways in which a batch is damaged and an operator gets his partition on its way again. */
    private enum Way {
        /** A record is not as its checksum says, and the batch is given up. */
        PASSED_OVER,
        /** A record is not as its checksum says, and the log is repaired. */
        CHECKSUM_REPAIRED,
        /** The batch has a length that cannot be, and the log is repaired. */
        LENGTH_REPAIRED
    }

    /** A batch that was not consumed yet, and how it is damaged. Immutable. */
    private record Damaged(int partition, LogSegment segment, LogSegment.Batch batch, Way way) {

        /** Damages it; done twice, it is as before. */
        void flip() {
            if (way == Way.LENGTH_REPAIRED) {
                segment.flipLength(batch);
            } else {
                segment.flipBit(batch);
            }
        }
    }

    /**
     * Damages a batch that nobody has read: its partition has to stand still there, by name, and the others have to go
     * on. Then an operator passes it over, or repairs the log.
     */
    static Fault.Aftermath damageBatch(FaultSite site) throws Exception {
        site.load().pause();
        for (AuditedConsumer member : site.consumers().members()) {
            site.consumers().stop(member);
        }
        Damaged damaged = damageUnread(site);
        for (int member = 0; member < FaultSite.MEMBERS; member++) {
            site.consumers().start();
        }
        site.consumers().awaitStart();
        site.load().begin(FaultRun.FIRST_RECORDS);
        awaitStandstill(site, damaged);
        return heal(site, damaged);
    }

    /** Sends some records, and damages a batch of them once the model knows it. */
    private static Damaged damageUnread(FaultSite site) throws Exception {
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
        Way way = Way.values()[site.random().nextInt(Way.values().length)];
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

    /**
     * Does what an operator does. What was passed over is repaired all the same, later: a broker that is killed would
     * cut its log there.
     */
    private static Fault.Aftermath heal(FaultSite site, Damaged damaged) throws Exception {
        if (damaged.way() != Way.PASSED_OVER) {
            damaged.flip();
            return Fault.Aftermath.NONE;
        }
        LogSegment.Batch batch = damaged.batch();
        site.losses().damage(site.presentLog(damaged.partition()), batch.from(), batch.next());
        site.movePosition(damaged.partition(), batch.from(), batch.next());
        return damaged::flip;
    }
}
