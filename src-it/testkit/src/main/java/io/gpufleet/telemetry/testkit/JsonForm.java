package io.gpufleet.telemetry.testkit;

import org.jspecify.annotations.Nullable;

/**
 * JSON with one sample an element. A row that is cut would cut its message, so it has an error's words in its place.
 */
enum JsonForm implements LongForm {
    /** An object with the names of CSV columns, and an object of labels. */
    OBJECT,
    /** An array of twelve texts. */
    ARRAY,
    /** An object with other names, and a text of labels. */
    POST,
    /** An array of both kinds of objects. */
    BATCH;

    @Override
    public SampleWriter writer() {
        return new JsonText(this);
    }

    @Override
    public Extent extent(Extent asked) {
        return this == BATCH ? asked : Extent.ROW;
    }

    @Override
    public @Nullable SampleFault fault(SampleRow row) {
        boolean isOpen = row.hasFault(SampleFault.OPEN_QUOTES);
        boolean isReadable = isOpen && (of(row) == OBJECT || !LongForm.isWithoutLabels(row));
        return isReadable || row.hasFault(SampleFault.CUT) ? SampleFault.ERROR_TEXT : row.fault();
    }

    @Override
    public String unit() {
        return "element";
    }

    /** Returns the form of an element. */
    JsonForm of(SampleRow row) {
        boolean isObject = row.metric().number() % 2 == 0;
        return this == BATCH ? (isObject ? OBJECT : POST) : this;
    }
}
