package io.gpufleet.telemetry.gpu;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The join of the samples of one message to wide rows. Belongs to one thread, and serves one message. */
final class WideJoin {
    private static final long MICROS = 1_000_000;
    private static final long LONGEST_GRID = 30 * 60 * MICROS;
    private static final int LONGEST_INSTANCE = 64;

    /** What a reading is for a row, the kind that wins first; {@code NONE} only keeps its place. */
    private enum Kind {
        OWN,
        WORKLOAD,
        INSTANCE,
        NONE
    }

    /** A sample with its column. */
    private record Entry(GpuSample sample, WideColumn column, long micros, boolean isNew) {
        boolean isOfOneInstant(Entry other) {
            return micros == other.micros && column.number() == other.column.number();
        }

        Kind kindOfGpu() {
            if (sample.subject().isMigInstance()) {
                return column.total() == InstanceTotal.LARGEST ? Kind.INSTANCE : Kind.NONE;
            }
            return ownOrWorkload();
        }

        Kind kindOfInstance() {
            return column.total() == InstanceTotal.LARGEST ? Kind.NONE : ownOrWorkload();
        }

        private Kind ownOrWorkload() {
            return sample.scope() == Scope.WORKLOAD ? Kind.WORKLOAD : Kind.OWN;
        }

        /** Without a value, the GPU's row is wanted for the sum of its instances' memory. */
        boolean concernsGpu() {
            return kindOfGpu() != Kind.NONE || column.total() == InstanceTotal.SUM;
        }

        /** The id of the MIG instance: a key of a row is plain text of a bounded length, and in practice a number. */
        @Nullable
        String instance() {
            if (!sample.subject().isMigInstance()) {
                return null;
            }
            String instance = sample.subject().instance();
            boolean isNamed = instance.length() <= LONGEST_INSTANCE
                    && instance.chars().allMatch(letter -> letter > ' ' && letter <= '~');
            return isNamed ? instance.substring(instance.indexOf(':') + 1) : null;
        }
    }

    private static final Comparator<Entry> ORDER =
            Comparator.comparingLong(Entry::micros).thenComparingInt(entry -> entry.column.place());

    private final long tolerance;
    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();

    WideJoin(long tolerance) {
        this.tolerance = tolerance;
    }

    static long microsOf(Instant time) {
        return time.getEpochSecond() * MICROS + time.getNano() / 1_000;
    }

    List<GpuMetricsRow> join(List<GpuSample> message, IntPredicate isNew) {
        for (int i = 0; i < message.size(); i++) {
            Entry entry = entryOf(message.get(i), isNew.test(i));
            if (entry != null) {
                entries.computeIfAbsent(entry.sample.subject().uuid(), uuid -> new ArrayList<>())
                        .add(entry);
            }
        }
        List<GpuMetricsRow> rows = new ArrayList<>();
        entries.forEach((uuid, ofGpu) -> join(uuid, ofGpu, rows));
        return rows;
    }

    /** Returns null for a sample that no row has a column for. */
    private static @Nullable Entry entryOf(GpuSample sample, boolean isNew) {
        WideColumn column = WideColumn.of(sample.metric());
        if (column == null) {
            return null;
        }
        Scope own = sample.subject().ownScope();
        boolean fits = own == Scope.MIG_INSTANCE || (own == Scope.WHOLE_GPU && !column.isOfInstancesOnly());
        return fits ? new Entry(sample, column, microsOf(sample.time()), isNew) : null;
    }

    /**
     * Opens a row with the first sample; the next ones join it or open the next row. Instances share the rows of their
     * GPU, so that their memory adds up even if one of them lacks the first reading.
     */
    private void join(String uuid, List<Entry> ofGpu, List<GpuMetricsRow> rows) {
        ofGpu.sort(ORDER);
        OpenRow open = new OpenRow(uuid, ofGpu.get(0).micros);
        for (int from = 0, to; from < ofGpu.size(); from = to) {
            to = from + 1;
            while (to < ofGpu.size() && ofGpu.get(to).isOfOneInstant(ofGpu.get(from))) {
                to++;
            }
            if (!open.takes(ofGpu.get(from), tolerance)) {
                open.close(rows);
                open = new OpenRow(uuid, ofGpu.get(from).micros);
            }
            open.add(ofGpu.subList(from, to));
        }
        open.close(rows);
    }

    /**
     * Returns the rows of single samples: those of their cells, and those of their MIG instances in the cells.
     *
     * @param grid the length of a cell in microseconds
     */
    static List<GpuMetricsRow> inGrid(List<GpuSample> samples, long grid) {
        if (grid < 1 || grid > LONGEST_GRID) {
            throw new IllegalArgumentException("grid: " + grid + " µs is not between 1 µs and 30 min");
        }
        Map<Cell, OpenRow> cells = new LinkedHashMap<>();
        for (GpuSample sample : samples) {
            Entry entry = entryOf(sample, true);
            if (entry != null) {
                Cell cell = new Cell(sample.subject().uuid(), Math.floorDiv(entry.micros, grid) * grid);
                cells.computeIfAbsent(cell, key -> new OpenRow(key.uuid, key.micros))
                        .offer(entry);
            }
        }
        List<GpuMetricsRow> rows = new ArrayList<>(cells.size());
        cells.values().forEach(cell -> cell.close(rows));
        return rows;
    }

    private record Cell(String uuid, long micros) {}

    /** The row of a GPU, or of one of its instances at the same time. */
    private static final class Part {
        private final RowDraft draft;
        private final boolean isOfInstance;
        private boolean isWanted;

        Part(String uuid, String instance, long micros) {
            this.isOfInstance = !instance.isEmpty();
            this.draft = new RowDraft(uuid, instance, micros);
        }

        /** Any reading of an instance tells that it is there, also one that its row has no column for. */
        void want(Entry entry) {
            isWanted = true;
            draft.addQuality(QualityFlag.bits(entry.sample.quality()));
            if (isOfInstance) {
                draft.profile(entry.sample.subject().migProfile());
            }
        }

        void close(List<GpuMetricsRow> rows) {
            if (isWanted) {
                rows.add(draft.build());
            }
        }

        /** Takes the reading of a cell, if it is newer than the one that is there. */
        void offer(Entry entry, Kind kind, int offset) {
            if (kind == Kind.NONE) {
                draft.inGrid();
            } else {
                draft.offer(entry.column, entry.column.encode(entry.sample.value()), kind != Kind.OWN, offset);
            }
        }

        /** Puts the readings of one column and instant: of own ones the first counts, of copies the largest. */
        void put(List<Entry> instant, Function<Entry, Kind> kinds) {
            Kind kind = Kind.NONE;
            for (Entry entry : instant) {
                Kind other = kinds.apply(entry);
                kind = other.compareTo(kind) < 0 ? other : kind;
            }
            Entry best = null;
            for (Entry entry : instant) {
                boolean counts = entry.isNew && kind != Kind.NONE && kinds.apply(entry) == kind;
                if (counts && (best == null || (kind != Kind.OWN && entry.sample.value() > best.sample.value()))) {
                    best = entry;
                }
            }
            if (best != null) {
                draft.put(best.column, best.column.encode(best.sample.value()), kind != Kind.OWN);
            }
        }
    }

    /** The rows of a GPU and its instances, which take readings. */
    private static final class OpenRow {
        private final String uuid;
        private final long micros;
        private final Part gpu;
        private final Map<String, Part> instances = new LinkedHashMap<>();
        private long taken;

        OpenRow(String uuid, long micros) {
            this.uuid = uuid;
            this.micros = micros;
            this.gpu = new Part(uuid, "", micros);
        }

        boolean takes(Entry entry, long tolerance) {
            return entry.micros - micros <= tolerance && (taken & entry.column.bit()) == 0;
        }

        /** Adds the readings of one column and instant. */
        void add(List<Entry> instant) {
            taken |= instant.get(0).column.bit();
            gpu.put(instant, Entry::kindOfGpu);
            Map<String, List<Entry>> ofInstances = Map.of();
            for (Entry entry : instant) {
                if (entry.isNew && entry.concernsGpu()) {
                    gpu.want(entry);
                }
                String instance = entry.instance();
                if (instance != null) {
                    ofInstances = ofInstances.isEmpty() ? new LinkedHashMap<>() : ofInstances;
                    ofInstances
                            .computeIfAbsent(instance, id -> new ArrayList<>())
                            .add(entry);
                }
            }
            ofInstances.forEach(this::addInstance);
        }

        private void addInstance(String instance, List<Entry> instant) {
            Part part = part(instance);
            part.put(instant, Entry::kindOfInstance);
            for (Entry entry : instant) {
                if (entry.isNew) {
                    part.want(entry);
                }
            }
        }

        private Part part(String instance) {
            return instances.computeIfAbsent(instance, id -> new Part(uuid, id, micros));
        }

        /** Takes a reading that is alone in its message. */
        void offer(Entry entry) {
            int offset = (int) (entry.micros - micros);
            if (entry.concernsGpu()) {
                gpu.want(entry);
                gpu.offer(entry, entry.kindOfGpu(), offset);
            }
            String instance = entry.instance();
            if (instance != null) {
                part(instance).want(entry);
                part(instance).offer(entry, entry.kindOfInstance(), offset);
            }
        }

        void close(List<GpuMetricsRow> rows) {
            instances.values().forEach(part -> part.close(rows));
            gpu.close(rows);
        }
    }
}
