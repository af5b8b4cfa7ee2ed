package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * The copy of many rows into a table with {@code COPY} in PostgreSQL's binary format, which costs the server less than
 * half of an insert from arrays. Thread-safe.
 */
final class BinaryCopy {
    /** The number of rows from which a copy is faster, although it takes two more round trips. */
    private static final int FEWEST = 1_000;

    private static final long MICROS_OF_A_DAY = 86_400_000_000L;
    private static final int BUFFER = 1 << 16;
    private static final int OF_NULL = -1;
    private static final short END = -1;
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    private final String sql;
    private final List<BinaryForm> forms;
    private final int partitionColumn;

    private BinaryCopy(String sql, List<BinaryForm> forms, int partitionColumn) {
        this.sql = sql;
        this.forms = forms;
        this.partitionColumn = partitionColumn;
    }

    /** Returns the copy into a table; absent if a column has a type that is only sent in arrays. */
    static Optional<BinaryCopy> of(PostgresTable<?> table, Optional<String> defaultSchema) {
        List<BinaryForm> forms = table.columns().stream()
                .flatMap(column -> BinaryForm.of(column.type()).stream())
                .toList();
        List<String> names = table.columns().stream().map(Column::name).toList();
        String sql = "COPY " + Identifier.qualify(table.schema().or(() -> defaultSchema), table.name()) + " ("
                + Identifier.quoteAll(names) + ") FROM STDIN (FORMAT binary)";
        int partitionColumn =
                table.partitionKey().map(key -> names.indexOf(key.column())).orElse(-1);
        return forms.size() == names.size()
                ? Optional.of(new BinaryCopy(sql, forms, partitionColumn))
                : Optional.empty();
    }

    /**
     * Returns whether rows can be copied: if they are many, the connection leads to the driver, and all values have a
     * binary form. Rows of several days go in otherwise, since a copy writes partition by partition, and not in the
     * order of keys in which all writers lock.
     */
    boolean takes(Connection connection, EncodedRows rows, int[] order) throws SQLException {
        return order.length >= FEWEST
                && connection.isWrapperFor(PGConnection.class)
                && (partitionColumn < 0 || isOneDay(rows, order))
                && IntStream.range(0, forms.size()).allMatch(column -> holdsAll(rows, order, column));
    }

    private boolean isOneDay(EncodedRows rows, int[] order) {
        Long day = dayOf(rows, order[0]);
        return day != null && IntStream.of(order).allMatch(row -> day.equals(dayOf(rows, row)));
    }

    private @Nullable Long dayOf(EncodedRows rows, int row) {
        return rows.value(partitionColumn, row) instanceof Long micros ? Math.floorDiv(micros, MICROS_OF_A_DAY) : null;
    }

    private boolean holdsAll(EncodedRows rows, int[] order, int column) {
        BinaryForm form = forms.get(column);
        for (int row : order) {
            Object value = rows.value(column, row);
            if (value != null && !form.holds(value)) {
                return false;
            }
        }
        return true;
    }

    /** Copies rows in an order, and returns the number of those that went in. */
    long copy(Connection connection, EncodedRows rows, int[] order) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        try {
            Frames frames = new Frames(copy);
            for (int row : order) {
                frames.room(Short.BYTES).putShort((short) forms.size());
                for (int column = 0; column < forms.size(); column++) {
                    frames.put(forms.get(column), rows.value(column, row));
                }
            }
            frames.room(Short.BYTES).putShort(END);
            frames.send();
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** The bytes that are not sent yet. Belongs to one thread. */
    private static final class Frames {
        private final CopyIn copy;
        private byte[] bytes = new byte[BUFFER];
        private ByteBuffer next = ByteBuffer.wrap(bytes).put(HEADER);

        Frames(CopyIn copy) {
            this.copy = copy;
        }

        void put(BinaryForm form, @Nullable Object value) throws SQLException {
            if (value == null) {
                room(Integer.BYTES).putInt(OF_NULL);
            } else if (form.size() >= 0) {
                form.put(value, room(Integer.BYTES + form.size()).putInt(form.size()));
            } else {
                byte[] content = form.contentOf(value);
                room(Integer.BYTES + content.length).putInt(content.length).put(content);
            }
        }

        /** Returns the buffer with room for some bytes; a full one is sent first. */
        ByteBuffer room(int size) throws SQLException {
            if (next.remaining() < size) {
                send();
                if (size > bytes.length) {
                    bytes = new byte[size];
                    next = ByteBuffer.wrap(bytes);
                }
            }
            return next;
        }

        void send() throws SQLException {
            copy.writeToCopy(bytes, 0, next.position());
            next.clear();
        }
    }
}
