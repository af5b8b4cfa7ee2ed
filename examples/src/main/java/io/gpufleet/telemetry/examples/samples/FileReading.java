package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.DetectingDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The reading of a file as if it were one record. Of JSON, each line may be a record of its own, as in a dump of a
 * topic. Not thread-safe.
 */
final class FileReading {
    private final SampleFile file;
    private final SampleFormat format;
    private final Optional<JsonLines> lines;
    private final ScrapeContext context;
    private final GpuSampleDecoder decoder;
    private final FileContent content = new FileContent();

    /**
     * Prepares the reading.
     *
     * @param time the time of rows that carry none
     */
    FileReading(SampleFile file, DecoderOptions options, Instant time) {
        this.file = file;
        this.context = ScrapeContext.at(time);
        this.decoder = options.format().decoder(builder -> {
            options.applyTo(builder);
            limit(builder);
        });
        SampleFormat ofFile = formatOf(options.format(), file.bytes());
        this.lines = ofFile.mayBeLines()
                ? Optional.of(JsonLines.of(file.bytes())).filter(JsonLines::areRecords)
                : Optional.empty();
        this.format = lines.flatMap(JsonLines::first)
                .map(line -> formatOf(options.format(), line))
                .orElse(ofFile);
    }

    /** Takes the file as whole, since its length is known. */
    private void limit(SampleDecoderBuilder<?> builder) {
        builder.counts(content.counts()).maxMessageBytes(SampleFile.MOST_BYTES).acceptOpenEnd();
    }

    /** Returns the format that was asked for; if none was, that of a record. */
    private SampleFormat formatOf(SampleFormat asked, byte[] record) {
        try {
            return decoder instanceof DetectingDecoder detecting
                    ? detecting
                            .decoderOf(ByteBuffer.wrap(record))
                            .map(SampleFormat::of)
                            .orElse(SampleFormat.AUTO)
                    : asked;
        } catch (CodecException tooLarge) {
            return SampleFormat.AUTO;
        }
    }

    /** Returns the format of the file, {@link SampleFormat#AUTO} if it has none. */
    SampleFormat format() {
        return format;
    }

    /** Reads the file. */
    FileContent read() {
        lines.ifPresentOrElse(this::readLines, () -> decode(file.bytes()));
        return content;
    }

    private void readLines(JsonLines records) {
        List<byte[]> all = records.all();
        for (byte[] line : all) {
            content.nextLine();
            if (line.length > 0) {
                decode(line);
            }
        }
        if (records.isCut()) {
            content.refuse(new Rejection(1, "unexpected end of gzip data after line " + all.size()));
        }
    }

    private void decode(byte[] record) {
        try {
            decoder.decode(ByteBuffer.wrap(record), context, content);
        } catch (CodecException fault) {
            content.refuse(Rejection.of(fault.reason(), lineAt(record, fault.offset())));
        }
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
