package io.gpufleet.telemetry.jdbc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of the contents of rows, see {@link Dimension#ofContents}, with the encoded contents. The bytes that are
 * hashed are those of one content only: each text comes after its length. Never changed after construction.
 */
final class ContentHash {
    private static final int OF_NULL = -1;

    private final List<? extends WireColumn<?>> contents;
    private final Long[] numbers;
    private final long[] checks;

    private ContentHash(List<? extends WireColumn<?>> contents, int rows) {
        this.contents = contents;
        this.numbers = new Long[rows];
        this.checks = new long[rows];
        MessageDigest digest = sha256();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int row = 0; row < rows; row++) {
            bytes.reset();
            for (WireColumn<?> column : contents) {
                add(bytes, column.value(row));
            }
            ByteBuffer hash = ByteBuffer.wrap(digest.digest(bytes.toByteArray()));
            numbers[row] = hash.getLong();
            checks[row] = hash.getLong();
        }
    }

    /** Hashes rows. */
    static <R> ContentHash of(List<Column<R>> columns, List<R> rows, Numbers numbers) {
        return new ContentHash(EncodedRows.encode(columns, rows, numbers), rows.size());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void add(ByteArrayOutputStream bytes, @Nullable Object value) {
        byte[] text = value == null ? new byte[0] : value.toString().getBytes(StandardCharsets.UTF_8);
        int length = value == null ? OF_NULL : text.length;
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes.write(length >> shift);
        }
        bytes.writeBytes(text);
    }

    List<? extends WireColumn<?>> contents() {
        return contents;
    }

    /** Returns the numbers of the rows: the first eight bytes of each hash. */
    Long[] numbers() {
        return numbers;
    }

    /** Returns the next eight bytes of a hash, which tell two contents with one number apart. */
    long check(int row) {
        return checks[row];
    }
}
