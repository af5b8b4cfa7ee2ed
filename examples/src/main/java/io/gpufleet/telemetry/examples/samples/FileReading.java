package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * The reading of a file as if it were one record. Of JSON, each line may be a record of its own, as in a dump of a
 * topic. Not thread-safe.
 */
final class FileReading {
    private final SampleFile file;
    private final SampleFormat format;
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
        this.format = options.format().of(Sniff.of(file.bytes()));
        this.decoder = format.decoder(builder -> {
            options.applyTo(builder);
            limit(builder);
        });
    }

    /** Takes the file as whole, since its length is known. */
    private void limit(SampleDecoderBuilder<?> builder) {
        builder.counts(content.counts()).maxMessageBytes(SampleFile.MOST_BYTES).acceptOpenEnd();
    }

    SampleFormat format() {
        return format;
    }

    /** Reads the file. */
    FileContent read() {
        List<String> lines =
                format.isJson() ? new String(file.bytes(), UTF_8).lines().toList() : List.of();
        if (!isRecordALine(lines)) {
            decode(file.bytes());
            return content;
        }
        for (String line : lines) {
            content.nextLine();
            if (!line.isBlank()) {
                decode(line.getBytes(UTF_8));
            }
        }
        return content;
    }

    private static boolean isRecordALine(List<String> lines) {
        List<String> full = lines.stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        return full.size() > 1 && full.stream().allMatch(line -> isWithin("{}", line) || isWithin("[]", line));
    }

    private static boolean isWithin(String brackets, String line) {
        return line.startsWith(brackets.substring(0, 1)) && line.endsWith(brackets.substring(1));
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
        for (int i = 0; i < Math.min(offset, record.length) && !Sniff.isPacked(record); i++) {
            line += record[i] == '\n' ? 1 : 0;
        }
        return line;
    }
}
