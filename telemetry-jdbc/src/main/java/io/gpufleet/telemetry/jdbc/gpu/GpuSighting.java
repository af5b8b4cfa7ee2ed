package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * When and where a GPU was seen: the first and last time, and its place and labels as of the last. Unknown texts are
 * empty. Immutable.
 *
 * @param uuid its UUID
 * @param hostname its host
 * @param pciBusId its PCI address on the host
 * @param namespace the namespace of the workload
 * @param gpuId its number on the host; null if unknown
 * @param device the name of the device on the host
 * @param modelName the model
 * @param firstSeen the first time
 * @param lastSeen the last time
 * @param movedAt the last time at another host or PCI address; null if there was none
 */
record GpuSighting(
        String uuid,
        String hostname,
        String pciBusId,
        String namespace,
        @Nullable Integer gpuId,
        String device,
        String modelName,
        Instant firstSeen,
        Instant lastSeen,
        @Nullable Instant movedAt) {

    /** The order of sightings by time; at one time, that of the columns in {@link GpuTables#GPUS}. */
    private static final Comparator<GpuSighting> ORDER = Comparator.comparing(GpuSighting::lastSeen)
            .thenComparing(GpuSighting::hostname, GpuSighting::compareBytes)
            .thenComparing(GpuSighting::pciBusId, GpuSighting::compareBytes)
            .thenComparing(GpuSighting::namespace, GpuSighting::compareBytes)
            .thenComparing(GpuSighting::gpuId, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(GpuSighting::device, GpuSighting::compareBytes)
            .thenComparing(GpuSighting::modelName, GpuSighting::compareBytes);

    /** Returns the sighting of a subject at two times, with no other place between them. */
    static GpuSighting of(GpuSubject subject, Instant first, Instant last) {
        return new GpuSighting(
                subject.uuid(),
                subject.host(),
                subject.pciBusId(),
                subject.namespace(),
                GpuTables.indexOf(subject),
                subject.device(),
                subject.model(),
                first,
                last,
                null);
    }

    private static int compareBytes(String left, String right) {
        return Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    /** Merges two sightings of one GPU, as the table does: see {@code PostgresTable.Builder.otherBy}. */
    static GpuSighting merge(GpuSighting left, GpuSighting right) {
        boolean leftIsNewer = ORDER.compare(left, right) >= 0;
        GpuSighting newer = leftIsNewer ? left : right;
        GpuSighting older = leftIsNewer ? right : left;
        boolean samePlace = left.hostname.equals(right.hostname) && left.pciBusId.equals(right.pciBusId);
        return newer.with(
                older.firstSeen.isBefore(newer.firstSeen) ? older.firstSeen : newer.firstSeen,
                latest(latest(left.movedAt, right.movedAt), samePlace ? null : older.lastSeen));
    }

    private GpuSighting with(Instant first, @Nullable Instant moved) {
        return new GpuSighting(uuid, hostname, pciBusId, namespace, gpuId, device, modelName, first, lastSeen, moved);
    }

    private static @Nullable Instant latest(@Nullable Instant left, @Nullable Instant right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        return left.isAfter(right) ? left : right;
    }
}
