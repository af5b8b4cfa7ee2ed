package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import io.gpufleet.telemetry.jdbc.gpu.ImportRows.Row;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One import of a file, from where an earlier one ended. Used once, by one thread. */
final class FileImport {
    /** The cluster of logs that are files. */
    private static final String FILES = "files";

    private static final int MOST_BYTES_OF_A_LETTER = 64 << 10;
    /** How a reason ends for which a decoder reads neither the rest of a record nor, here, anything before. */
    private static final Pattern END_OF_RECORD = Pattern.compile(" at byte \\d+$");

    /** What was read of a chunk. */
    private record Read(ImportedRecords records, Batch<GpuSample> batch) {}

    private final SampleFiles files;
    private final Path file;
    private final String path;
    private final SourcePartition source;
    private final Instant scrapeTime;
    private final List<SourceRecord.Header> headers;
    private final List<String> reasons = new ArrayList<>();

    private @Nullable Row stored;
    private @Nullable Row next;
    private boolean isOfOneScrape;
    private long before;
    private long refusedBefore;
    private long rows;
    private long samples;
    private long duplicates;
    private long conflicts;
    private long noValue;
    private long leftOut;
    private long refused;

    FileImport(SampleFiles files, Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new TelemetryException(file + ": is not a regular file; a pipe or a directory cannot be imported");
        }
        this.files = files;
        this.file = file;
        this.path = pathOf(file);
        this.source = new SourcePartition(String.valueOf(file.getFileName()), 0);
        Instant changed = Files.getLastModifiedTime(file).toInstant();
        this.scrapeTime = files.scrapeTime().orElse(changed).truncatedTo(ChronoUnit.MILLIS);
        this.headers = headersOf(scrapeTime);
    }

    /** Returns the headers of a message whose lines without a time have this one. */
    static List<SourceRecord.Header> headersOf(Instant time) {
        byte[] millis = String.valueOf(time.toEpochMilli()).getBytes(UTF_8);
        return List.of(new SourceRecord.Header(ScrapeHeaders.TIME, millis));
    }

    /** Returns the path under which an unfinished import expects its file. */
    static String pathOf(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    Imported run() throws IOException {
        try (FileText text = FileText.open(file)) {
            ImportSearch search = new ImportSearch(files, file, path);
            stored = search.search(text).orElse(null);
            search.superseded().ifPresent(this::end);
            Sink<GpuSample> sink = files.retry().call(file, failed -> openSink());
            FileChunks chunks = new FileChunks(text.fromBeginning(), files.chunkRows(), files.takesOpen());
            goBehindStored(chunks);
            for (Optional<FileChunk> chunk = chunks.next(); chunk.isPresent(); chunk = chunks.next()) {
                store(chunk.get(), chunks, sink);
                files.progress().accept(outcome(Optional.empty(), 0));
            }
            return finish(chunks.fault(), text.growth());
        }
    }

    private void end(Row superseded) {
        files.retry()
                .call(
                        file,
                        failed -> files.transactions().call(ImportRows.TABLE, connection -> {
                            files.rows().end(connection, superseded);
                            return Boolean.TRUE;
                        }));
    }

    private Sink<GpuSample> openSink() {
        return files.sink()
                .ofOtherSource(
                        SinkContext.of(files.group(), this::count),
                        (connection, batch) -> move(connection),
                        files.mostDays());
    }

    private void goBehindStored(FileChunks chunks) throws IOException {
        Row from = stored;
        if (from == null) {
            return;
        }
        boolean isMore = true;
        while (isMore && chunks.textBytes() < from.position().bytes()) {
            isMore = chunks.skip();
        }
        if (!chunks.position().isSameText(from.position())) {
            throw new TelemetryException(file + ": has changed while it was read");
        }
        before = from.position().rows();
        refusedBefore = from.refused();
    }

    private void store(FileChunk chunk, FileChunks chunks, Sink<GpuSample> sink) throws IOException {
        requireWholeScrapes(chunks);
        UUID id = stored == null || stored.complete() ? UUID.randomUUID() : stored.importId();
        LogId log = new LogId(FILES, id);
        Read read = read(chunk, chunk.messages(), log);
        if (chunk.from().records() == 0 && !chunks.isOfRows()) {
            requireText(chunk, read.batch());
        }
        if (!chunks.isOfSingleRecords()) {
            requireForm(read.batch(), read.records(), chunks.firstLine(chunk.from()));
        }
        if (chunks.isOfScrapes()) {
            requireOneScrape(read.batch());
        }
        long droppedBefore = duplicates;
        next = new Row(id, path, chunk.to(), 0, false);
        MessageHalves halves = new MessageHalves(chunks.kind());
        Read written = write(read, parts -> read(chunk, parts, log), halves, sink);
        if (duplicates > droppedBefore) {
            note(new ChunkConflicts(files.reader(), written.records())
                    .sentences(
                            written.batch().deliveries(),
                            chunks.isOfFineTimes(),
                            Imported.MOST_REASONS - reasons.size()));
        }
        samples += written.batch().deliveries().size();
        refused += refusedOf(written.batch());
        written.batch().counts().forEach(this::countOthers);
        rows += chunk.to().rows() - chunk.from().rows();
        stored = next;
    }

    private Read read(FileChunk chunk, List<Message> messages, LogId log) {
        Batch.Builder<GpuSample> builder =
                Batch.<GpuSample>builder().open(source, log, chunk.from().records());
        ImportedRecords records = new ImportedRecords(builder);
        messages.forEach(message -> read(message, records));
        return new Read(
                records, builder.advance(source, chunk.to().records(), -1).build());
    }

    private static long refusedOf(Batch<GpuSample> batch) {
        return batch.counts().stream().mapToLong(RecordCounts::refused).sum();
    }

    private void countOthers(RecordCounts counts) {
        counts.others().forEach((what, number) -> {
            if (what.equals(Decoder.Values.NO_VALUE)) {
                noValue += number;
            } else if (!RowBatch.OF_SAMPLES.contains(what)) {
                leftOut += number;
            }
        });
    }

    private void read(Message message, ImportedRecords records) {
        SourceRecord record = SourceRecord.builder(source, message.record())
                .headers(headers)
                .value(message.bytes())
                .build();
        records.shift(message);
        if (message.isReadable()) {
            files.reader().read(record, records);
        } else {
            byte[] begin = Arrays.copyOf(message.bytes(), Math.min(message.bytes().length, MOST_BYTES_OF_A_LETTER));
            records.add(new DeadLetter(record.withValue(begin), DeadLetter.Stage.DECODE, List.of(message.fault())));
            records.add(new RecordCounts(source, message.record(), 1, 0, Map.of()));
        }
    }

    /** Refuses rows for a sink that joins the samples of a scrape: a chunk may end between them. */
    private void requireWholeScrapes(FileChunks chunks) {
        if (chunks.isOfRows() && files.sink().dependsOnRecords()) {
            throw new TelemetryException(
                    file + ": rows of a file are not whole scrapes, so the sink cannot join them by"
                            + " a tolerance; allowed: wide rows of a grid (WideRows.inGrid, --grid), or of equal times"
                            + " (WideRows.ofMessages(Duration.ZERO))");
        }
    }

    /** Refuses several scrapes without times: only one of them can have the time of the file. */
    private void requireOneScrape(Batch<GpuSample> batch) throws IOException {
        boolean isAsked = !isOfOneScrape
                && batch.deliveries().stream()
                        .anyMatch(delivery -> delivery.value().time().equals(scrapeTime));
        if (isAsked) {
            new TimelessSamples(files, file).requireOnce();
            isOfOneScrape = true;
        }
    }

    /** Refuses a file that is no text: each of its lines would be named, and its dead letters would be noise. */
    private void requireText(FileChunk begin, Batch<GpuSample> batch) {
        boolean isNothingRead =
                batch.deliveries().isEmpty() && !batch.deadLetters().isEmpty();
        if (isNothingRead && begin.messages().stream().anyMatch(message -> !FileForm.isText(message.bytes()))) {
            throw new TelemetryException(
                    file + ": nothing is recognised, and its bytes are no text in UTF-8;" + " nothing of it is stored");
        }
    }

    /**
     * Refuses a file whose header, or whose text, cannot be read: each of its chunks would be a dead letter.
     *
     * @param line the line of the header, or of the begin of the text
     */
    private void requireForm(Batch<GpuSample> batch, ImportedRecords records, long line) {
        for (DeadLetter letter : batch.deadLetters()) {
            boolean isOfAll = letter.stage() == DeadLetter.Stage.DECODE && !letter.isPartial();
            String last = letter.reasons().get(letter.reasons().size() - 1);
            if (isOfAll && END_OF_RECORD.matcher(last).find()) {
                List<String> placed = records.placed(letter).reasons();
                String reason =
                        END_OF_RECORD.matcher(placed.get(placed.size() - 1)).replaceFirst("");
                throw new TelemetryException(
                        file + ": " + (reason.startsWith("line ") ? "" : "line " + line + ": ") + reason);
            }
        }
    }

    /**
     * Writes a batch as a consumer does: values that the sink refuses become dead letters. A message whose letter has
     * no room for all of its refused records is read again in halves, in the same transaction; a sink that joins what
     * shares a message gets it whole, and so does one whose halves would not give the same samples.
     */
    private Read write(Read read, Function<List<Message>, Read> again, MessageHalves halves, Sink<GpuSample> sink) {
        Read rest = read;
        boolean isDivisible = !files.sink().dependsOnRecords();
        while (true) {
            ImportedRecords records = rest.records();
            Batch<GpuSample> excerpted = rest.batch().replaceDeadLetters(files.reader()::excerpt);
            List<Message> parts = isDivisible ? records.divided(excerpted.deadLetters(), halves) : List.of();
            if (parts.size() > records.size()) {
                Read divided = again.apply(parts);
                isDivisible = divided.batch().deliveries().size()
                        == read.batch().deliveries().size();
                rest = isDivisible ? divided : rest;
                continue;
            }
            try {
                Batch<GpuSample> placed = excerpted.replaceDeadLetters(records::placed);
                next = withRefused(requireNonNull(next, "next"), refusedBefore + refused + refusedOf(placed));
                commit(() -> sink.write(placed));
                placed.deadLetters().forEach(letter -> note(letter.reasons()));
                return new Read(records, placed);
            } catch (RefusedException e) {
                rest = new Read(records, rest.batch().refuse(records.located(e.deadLetters(), files.reader())));
            }
        }
    }

    private static Row withRefused(Row row, long number) {
        return new Row(row.importId(), row.file(), row.position(), number, row.complete());
    }

    /**
     * Runs the transaction that moves the position, until it is committed. After a commit whose reply was lost, the
     * next attempt finds the position moved, by this import.
     */
    private void commit(Runnable transaction) {
        files.retry().call(file, failed -> {
            try {
                transaction.run();
            } catch (TelemetryException e) {
                if (e instanceof SinkException || failed == 0 || !isMoved()) {
                    throw e;
                }
            }
            return Boolean.TRUE;
        });
    }

    private boolean isMoved() {
        Row to = requireNonNull(next, "next");
        return files.transactions()
                .call(ImportRows.TABLE, connection -> files.rows().isThere(connection, to));
    }

    private void note(List<String> of) {
        of.stream().limit(Imported.MOST_REASONS - reasons.size()).forEach(reasons::add);
    }

    private void count(TelemetryEvent event) {
        if (event instanceof DuplicatesDropped dropped) {
            duplicates += dropped.count();
            conflicts += dropped.conflicts();
        }
    }

    private void move(Connection connection) throws SQLException {
        Row to = next;
        if (to != null) {
            files.rows().move(connection, stored, to);
        }
    }

    /** Ends the import. An unfinished one is expected under the latest name of its file. */
    private Imported finish(Optional<String> fault, long grownBy) {
        Row last = stored;
        boolean isComplete = fault.isEmpty() && grownBy == 0;
        if (last != null && !last.complete() && (isComplete || !last.file().equals(path))) {
            next = new Row(last.importId(), path, last.position(), last.refused(), isComplete);
            commit(() -> files.transactions().call(ImportRows.TABLE, connection -> {
                move(connection);
                return Boolean.TRUE;
            }));
        }
        return outcome(fault, grownBy);
    }

    private Imported outcome(Optional<String> fault, long grownBy) {
        return new Imported(
                before,
                refusedBefore,
                rows,
                samples - duplicates,
                duplicates,
                conflicts,
                noValue,
                leftOut,
                refused,
                reasons,
                grownBy,
                fault);
    }
}
