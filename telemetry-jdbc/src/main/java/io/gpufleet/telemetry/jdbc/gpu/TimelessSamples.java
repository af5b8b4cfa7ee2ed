package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The samples of a file that have no time of their own: all of them get one time, so each may be there once. Used once,
 * by one thread.
 */
final class TimelessSamples {
    /** The time of lines that have none: later than any time that a line can have. */
    private static final Instant NONE = Instant.ofEpochMilli(999_999_999_999_999L);

    private static final SourcePartition SOURCE = new SourcePartition("file", 0);

    private final SampleFiles files;
    private final Path file;
    private final RecordReader<GpuSample> reader;
    private final Set<Object> keys = new HashSet<>();

    TimelessSamples(SampleFiles files, Path file) {
        this.files = files;
        this.file = file;
        this.reader = new RecordReader<>(
                files.decoder(), (sample, source) -> Optional.of(sample.time()), delivery -> List.of(), true);
    }

    /**
     * Reads the file up to the second sample of a key, or to its end.
     *
     * @throws TelemetryException if there is such a sample
     */
    void requireOnce() throws IOException {
        try (FileText text = FileText.open(file)) {
            FileChunks chunks = new FileChunks(text.fromBeginning(), files.chunkRows(), files.takesOpen());
            for (Optional<FileChunk> chunk = chunks.next(); chunk.isPresent(); chunk = chunks.next()) {
                chunk.get().messages().stream().filter(Message::isReadable).forEach(this::read);
            }
        }
    }

    private void read(Message message) {
        SourceRecord record = SourceRecord.builder(SOURCE, message.record())
                .headers(FileImport.headersOf(NONE))
                .value(message.bytes())
                .build();
        reader.read(record, new RecordReader.Target<>() {
            @Override
            public void add(Delivery<GpuSample> delivery) {
                if (delivery.value().time().equals(NONE)
                        && !keys.add(delivery.value().key())) {
                    throw repeated(delivery, message);
                }
            }

            @Override
            public void add(DeadLetter letter) {
                // It is named when the chunk is stored.
            }
        });
    }

    private TelemetryException repeated(Delivery<GpuSample> again, Message message) {
        GpuSample sample = again.value();
        String place = reader.places(again.source(), new TreeSet<>(List.of(again.index())))
                .getOrDefault(again.index(), "value " + again.index());
        return new TelemetryException(file + ": " + ImportedRecords.placeOf(place, message) + ": "
                + sample.metric().name() + " of " + sample.subject().uuid() + " stands here again without a time;"
                + " a file of several scrapes needs a time in each line, for the time of a file (or scrapeTime, --time)"
                + " is that of one scrape; so import each scrape as a file of its own");
    }
}
