package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.DetectingDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The reading of a file as if it were one record, by the decoder and the validator of the consumer. Of JSON, each line
 * may be a record of its own, as in a dump of a topic. A table or JSON may be larger than a record, since its samples
 * are published one by one. Files are often old, and end without a line feed: neither is a fault. Not thread-safe.
 */
final class FileReading {
    private static final GpuSampleValidator OF_ANY_AGE =
            GpuSampleValidator.builder().anyAge().build();

    private final SampleFile file;
    private final SampleFormat format;
    private final Optional<JsonLines> lines;
    private final ScrapeContext context;
    private final Instant time;
    private final Optional<Instant> producedAt;
    private final Validator<GpuSample> validator;
    private final GpuSampleDecoder ofRecords;
    private final GpuSampleDecoder ofFiles;
    private final FileContent content = new FileContent();

    /**
     * Prepares the reading.
     *
     * @param time the time of rows that carry none
     * @param producedAt the timestamp of the record, with which the times of other rows are compared, to count those
     *     that the consumer refuses for their time; if absent, none is counted
     */
    FileReading(SampleFile file, DecoderOptions options, Instant time, Optional<Instant> producedAt) {
        this.file = file;
        this.time = time.truncatedTo(ChronoUnit.MICROS);
        this.context = ScrapeContext.at(this.time);
        this.producedAt = producedAt;
        this.validator = options.validator();
        this.ofRecords =
                options.decoder(builder -> builder.counts(content.counts()).acceptOpenEnd());
        this.ofFiles = options.decoder(builder -> builder.counts(content.counts())
                .maxMessageBytes(SampleFile.MOST_BYTES)
                .acceptOpenEnd());
        Optional<SampleFormat> ofFile = formatOf(options.format(), file.bytes());
        this.lines = ofFile.filter(SampleFormat::mayBeLines)
                .map(any -> JsonLines.of(file.bytes()))
                .filter(JsonLines::areRecords);
        this.format = lines.flatMap(JsonLines::first)
                .flatMap(line -> formatOf(options.format(), line))
                .or(() -> ofFile)
                .orElse(SampleFormat.AUTO);
    }

    /** Returns the format that was asked for; if none was, that of a record; nothing if that is too large. */
    private Optional<SampleFormat> formatOf(SampleFormat asked, byte[] record) {
        try {
            return Optional.of(
                    ofFiles instanceof DetectingDecoder detecting
                            ? detecting
                                    .decoderOf(ByteBuffer.wrap(record))
                                    .map(SampleFormat::of)
                                    .orElse(SampleFormat.AUTO)
                            : asked);
        } catch (CodecException tooLarge) {
            return Optional.empty();
        }
    }

    /** Returns the format of the file, {@link SampleFormat#AUTO} if it has none. */
    SampleFormat format() {
        return format;
    }

    /** Reads the file. */
    FileContent read() {
        lines.ifPresentOrElse(this::readLines, () -> decode(format.isTakenApart() ? ofFiles : ofRecords, file.bytes()));
        return content;
    }

    private void readLines(JsonLines records) {
        List<byte[]> all = records.all();
        for (byte[] line : all) {
            content.nextLine();
            if (line.length > 0) {
                decode(ofRecords, line);
            }
        }
        if (records.isCut()) {
            content.end(new Rejection(1, "unexpected end of gzip data after line " + all.size()));
        }
    }

    private void decode(GpuSampleDecoder decoder, byte[] record) {
        RecordValues values = new RecordValues(content, this::faults);
        Optional<CodecException> end = Optional.empty();
        try {
            decoder.decode(ByteBuffer.wrap(record), context, values);
        } catch (CodecException fault) {
            end = Optional.of(fault);
        }
        if (!values.invalid().isEmpty()) {
            refuse(
                    values.invalid(),
                    decoder.places(record, new TreeSet<>(values.invalid().keySet())));
        }
        end.ifPresent(fault -> content.end(Rejection.of(fault.reason(), lineAt(record, fault.offset()))));
    }

    private void refuse(NavigableMap<Integer, List<String>> invalid, Map<Integer, String> places) {
        invalid.forEach((index, reasons) -> reasons.forEach(
                reason -> content.refuse(Rejection.of(places.getOrDefault(index, "line 1") + ": " + reason, 1))));
    }

    /** Returns the reasons for which the consumer, or its database, refuses a sample whatever its age. */
    private List<String> faults(GpuSample sample) {
        List<String> faults = new ArrayList<>(faults(OF_ANY_AGE, sample, Optional.empty()));
        StorableTexts.fault(sample).ifPresent(faults::add);
        if (faults.isEmpty() && producedAt.isPresent() && !sample.time().equals(time)) {
            faults(validator, sample, producedAt).stream().findFirst().ifPresent(content::addOtherTime);
        }
        return faults;
    }

    /**
     * Returns the reasons of the consumer against a sample.
     *
     * @param producedAt the timestamp of its record
     */
    static List<String> faults(Validator<GpuSample> validator, GpuSample sample, Optional<Instant> producedAt) {
        SourceRecord.Builder source = SourceRecord.builder(new SourcePartition("file", 0), 0);
        producedAt.ifPresent(at -> source.timestampMillis(at.toEpochMilli()));
        return validator.validate(Delivery.of(sample, sample.time(), source.build()));
    }

    /** Returns the number of the line of a byte; the first one for packed records, whose bytes are others. */
    private static int lineAt(byte[] record, int offset) {
        int line = 1;
        for (int i = 0; i < Math.min(offset, record.length) && !SampleFile.isPacked(record); i++) {
            line += record[i] == '\n' ? 1 : 0;
        }
        return line;
    }
}
