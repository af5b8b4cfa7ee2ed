package io.gpufleet.telemetry.integration.servers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The newest file of a partition's log, for faults on the disk of a broker, which may run meanwhile. A batch is
 * {@code baseOffset int64, length int32, leaderEpoch int32, magic int8, crc int32, attributes int16, lastOffsetDelta
 * int32, …}.
 *
 * @param file the file
 */
public record LogSegment(Path file) {
    private static final String SUFFIX = ".log";
    private static final int LENGTH_AT = 8;
    private static final int HEADER = 12;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    /** Finds the file in the log directory of a broker. */
    public static LogSegment newest(Path data, String topic, int partition) {
        Path directory = data.resolve(topic + "-" + partition);
        try (Stream<Path> files = Files.list(directory)) {
            return new LogSegment(files.filter(file -> file.toString().endsWith(SUFFIX))
                    .max(Comparator.naturalOrder())
                    .orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A batch of records.
     *
     * @param at its begin in the file
     * @param size its bytes
     * @param from its first offset
     * @param next the offset after its last
     */
    public record Batch(long at, int size, long from, long next) {}

    public List<Batch> batches() {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            List<Batch> batches = new ArrayList<>();
            for (long at = 0;
                    at < open.length();
                    at += batches.get(batches.size() - 1).size()) {
                open.seek(at);
                long from = open.readLong();
                int size = open.readInt() + HEADER;
                open.seek(at + LAST_OFFSET_DELTA_AT);
                batches.add(new Batch(at, size, from, from + open.readInt() + 1));
            }
            return batches;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flips a bit in the last record of a batch; the second call restores it. */
    public void flipBit(Batch batch) {
        flip(batch.at() + batch.size() - 1, 1);
    }

    /** Makes the length of a batch negative, so that no reader finds the next one; the second call restores it. */
    public void flipLength(Batch batch) {
        flip(batch.at() + LENGTH_AT, 0x80);
    }

    private void flip(long at, int mask) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int value = open.read();
            open.seek(at);
            open.write(value ^ mask);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
