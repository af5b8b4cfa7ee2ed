package io.gpufleet.telemetry.integration.consumer;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The first file of a partition's log, for faults on the disk of a broker that is stopped. A batch is {@code baseOffset
 * int64, length int32, leaderEpoch int32, magic int8, crc int32, attributes int16, lastOffsetDelta int32, …}.
 *
 * @param file the file
 */
record LogSegment(Path file) {
    private static final int LENGTH_AT = 8;
    private static final int HEADER = 12;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    static LogSegment of(Path data, String topic, int partition) {
        return new LogSegment(data.resolve(topic + "-" + partition).resolve("00000000000000000000.log"));
    }

    /**
     * A batch of records.
     *
     * @param at where it begins in the file
     * @param size its bytes
     * @param from its first offset
     * @param next the offset behind its last
     */
    record Batch(long at, int size, long from, long next) {}

    List<Batch> batches() {
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

    /** Flips a bit in the last record of a batch; done twice, it is as before. */
    void flipBit(Batch batch) {
        flip(batch.at() + batch.size() - 1, 1);
    }

    /** Makes the length of a batch negative, so that nobody finds the next one; done twice, it is as before. */
    void flipLength(Batch batch) {
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
