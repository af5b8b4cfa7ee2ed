package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The reading of one message in the form that it has. Used once, by one thread. */
final class DetectedReading implements SampleReading {
    private static final byte[] COMMENT = "#\n".getBytes(US_ASCII);

    private final SampleRules rules;
    private final Form form;
    private final SampleReading reading;

    /**
     * Finds the form of a message.
     *
     * @throws CodecException if it has none
     */
    DetectedReading(SampleRules rules, ScrapeContext context, Inflated text) {
        this.rules = rules;
        this.form = Detection.form(text, rules).orElseThrow(() -> unknown(text));
        this.reading = form.open(rules, context, text);
    }

    /** Returns the fault of a message without a form: its missing end, or else what is allowed. */
    private static CodecException unknown(Inflated text) {
        text.requireWhole(0);
        return new CodecException(
                "nothing is recognised; allowed: exposition text, CSV of samples or of nvidia-smi with its header, JSON"
                        + " of samples or of metric events, line protocol; each plain or as gzip",
                0);
    }

    @Override
    public Entries read() {
        return reading.read();
    }

    @Override
    public void requireWhole() {
        reading.requireWhole();
    }

    @Override
    public void release() {
        reading.release();
    }

    /** Returns only what is of the same form again; a comment tells lines from the rows of a table. */
    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        return reading.excerpt(chosen)
                .map(excerpt -> form == Detection.EXPOSITION && !isOfForm(excerpt) ? commented(excerpt) : excerpt)
                .filter(this::isOfForm);
    }

    private boolean isOfForm(byte[] excerpt) {
        Inflated text = Inflated.of(ByteBuffer.wrap(excerpt), excerpt.length);
        return Detection.form(text, rules).filter(form::equals).isPresent();
    }

    private static byte[] commented(byte[] excerpt) {
        return ByteBuffer.allocate(COMMENT.length + excerpt.length)
                .put(COMMENT)
                .put(excerpt)
                .array();
    }
}
