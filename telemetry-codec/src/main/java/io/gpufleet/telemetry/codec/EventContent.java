package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.EventMember.Reading;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The known members of one metric event, as far as they have been read. Not thread-safe. */
final class EventContent {
    /** The objects that an event must have, which may be empty; an object stands behind the one that it is in. */
    static final List<String> REQUIRED = List.of(
            "gpu", "host", "metrics", "metrics.health", "metrics.memory", "metrics.performance", "metrics.clocks");

    private static final Gpu NO_GPU = Gpu.of("");
    private static final Host NO_HOST = Host.of("");
    private static final String ASSET = "asset";
    private static final double LONGS = 0x1p63;

    private final LeftOut leftOut;
    private final MetricEvent.Builder event = MetricEvent.builder(NO_GPU, NO_HOST);
    private final EventValues values = new EventValues();
    private final EnumSet<EventField> fields = EnumSet.noneOf(EventField.class);
    private final EnumSet<GpuReading> readings = EnumSet.noneOf(GpuReading.class);
    private final Set<String> sections = new HashSet<>();

    /**
     * Creates the content of an event of which nothing has been read.
     *
     * @param leftOut counts the readings without a value
     */
    EventContent(LeftOut leftOut) {
        this.leftOut = leftOut;
    }

    /** Notes that a reading comes, whatever its value, and returns whether it is the first time. */
    boolean isFirst(Reading reading) {
        return readings.add(reading.reading());
    }

    /** Notes that a member comes, whatever its value, and returns whether it is the first time. */
    boolean isFirst(EventField field) {
        return fields.add(field);
    }

    /** Adds an object that is not null. */
    void add(String path) {
        sections.add(path);
    }

    /** Returns whether an object has been added. */
    boolean has(String path) {
        return sections.contains(path);
    }

    /** Returns whether all objects that an event must have are there. */
    boolean isComplete() {
        return sections.containsAll(REQUIRED);
    }

    /** Takes a whole number of 64 bits. */
    void take(Reading reading, long number) {
        double rounded = (double) number;
        if (reading.reading().isNoValue(rounded)) {
            leftOut.addNoValue();
        } else if (reading.whole()) {
            event.count(reading.reading(), number);
        } else {
            event.value(reading.reading(), rounded);
        }
    }

    /** Takes any other number, and returns whether the reading can have it. */
    boolean take(Reading reading, double number) {
        if (reading.reading().isNoValue(number)) {
            leftOut.addNoValue();
        } else if (!reading.whole()) {
            event.value(reading.reading(), number);
        } else if (number == Math.rint(number) && Math.abs(number) < LONGS) {
            event.count(reading.reading(), (long) number);
        } else {
            return false;
        }
        return true;
    }

    /** Takes a value of the field's kind. */
    void take(EventField field, Object value) {
        values.set(field, value);
    }

    void fault(Fault fault) {
        event.fault(fault);
    }

    /** Returns whether the event names its GPU. */
    boolean namesGpu() {
        return !values.text(EventField.GPU_UUID).isBlank();
    }

    /** Returns whether there is an asset that is not known to be of any GPU. */
    boolean hasStrayAsset() {
        return has(ASSET) && !namesGpu() && values.text(EventField.ASSET_UUID).isBlank();
    }

    /** Returns the event. */
    MetricEvent event() {
        return values.into(event, has(ASSET)).build();
    }
}
