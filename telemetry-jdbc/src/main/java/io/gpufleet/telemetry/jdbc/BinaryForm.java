package io.gpufleet.telemetry.jdbc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The binary form of a column's values, as {@code COPY} reads it, from their form in a {@link WireColumn}. */
enum BinaryForm {
    INT2(Short.BYTES) {
        @Override
        boolean holds(Object value) {
            long number = ((Number) value).longValue();
            return number == (short) number;
        }

        @Override
        void put(Object value, ByteBuffer to) {
            to.putShort(((Number) value).shortValue());
        }
    },
    INT4(Integer.BYTES) {
        @Override
        boolean holds(Object value) {
            long number = ((Number) value).longValue();
            return number == (int) number;
        }

        @Override
        void put(Object value, ByteBuffer to) {
            to.putInt(((Number) value).intValue());
        }
    },
    INT8(Long.BYTES) {
        @Override
        void put(Object value, ByteBuffer to) {
            to.putLong((Long) value);
        }
    },
    FLOAT8(Double.BYTES) {
        @Override
        void put(Object value, ByteBuffer to) {
            to.putDouble((Double) value);
        }
    },
    FLOAT4(Float.BYTES) {
        /** A value that is too large or too small is refused by the server. */
        @Override
        boolean holds(Object value) {
            double wide = (Double) value;
            float narrow = (float) wide;
            return Float.isInfinite(narrow) == Double.isInfinite(wide) && (narrow == 0) == (wide == 0);
        }

        @Override
        void put(Object value, ByteBuffer to) {
            to.putFloat(((Number) value).floatValue());
        }
    },
    BOOL(Byte.BYTES) {
        @Override
        void put(Object value, ByteBuffer to) {
            to.put((byte) ((Boolean) value ? 1 : 0));
        }
    },
    UNIQUE_ID(2 * Long.BYTES) {
        @Override
        void put(Object value, ByteBuffer to) {
            UUID id = (UUID) value;
            to.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        }
    },
    /** Microseconds since 2000. The two ends of the type are its infinities. */
    TIMESTAMPTZ(Long.BYTES) {
        @Override
        boolean holds(Object value) {
            return (Long) value > Long.MIN_VALUE + MICROS_TO_2000;
        }

        @Override
        void put(Object value, ByteBuffer to) {
            to.putLong((Long) value - MICROS_TO_2000);
        }
    },
    /** Days since 2000. The two ends of the type are its infinities. */
    DATE(Integer.BYTES) {
        @Override
        boolean holds(Object value) {
            return (Integer) value > Integer.MIN_VALUE + DAYS_TO_2000;
        }

        @Override
        void put(Object value, ByteBuffer to) {
            to.putInt((Integer) value - DAYS_TO_2000);
        }
    },
    BYTEA(-1) {
        @Override
        byte[] contentOf(Object value) {
            return (byte[]) value;
        }
    },
    TEXT(-1) {
        @Override
        byte[] contentOf(Object value) {
            return ((String) value).getBytes(StandardCharsets.UTF_8);
        }
    },
    JSONB(-1) {
        @Override
        byte[] contentOf(Object value) {
            byte[] text = TEXT.contentOf(value);
            return ByteBuffer.allocate(1 + text.length).put(VERSION).put(text).array();
        }
    };

    private static final byte VERSION = 1;
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;
    private static final int DAYS_TO_2000 = 10_957;

    private static final Map<String, BinaryForm> BY_NAME = Map.ofEntries(
            Map.entry("smallint", INT2),
            Map.entry("integer", INT4),
            Map.entry("bigint", INT8),
            Map.entry("double precision", FLOAT8),
            Map.entry("real", FLOAT4),
            Map.entry("boolean", BOOL),
            Map.entry("text", TEXT),
            Map.entry("bytea", BYTEA),
            Map.entry("uuid", UNIQUE_ID),
            Map.entry("jsonb", JSONB),
            Map.entry("timestamp with time zone", TIMESTAMPTZ),
            Map.entry("date", DATE));

    private final int size;

    BinaryForm(int size) {
        this.size = size;
    }

    /** Returns the form of a type; absent if its values are only sent in arrays. */
    static Optional<BinaryForm> of(ColumnType<?> type) {
        return type == ColumnType.STORABLE_TEXT ? Optional.empty() : Optional.ofNullable(BY_NAME.get(type.sqlName()));
    }

    /** Returns the number of bytes of each value, or -1 if they differ. */
    int size() {
        return size;
    }

    /** Returns whether the form can hold a value; if not, the server has to refuse it in another form. */
    boolean holds(Object value) {
        return true;
    }

    /** Writes a value of a form with a size. */
    void put(Object value, ByteBuffer to) {
        throw new IllegalStateException(this + " has no size");
    }

    /** Returns the bytes of a value of a form without a size. */
    byte[] contentOf(Object value) {
        throw new IllegalStateException(this + " has a size");
    }
}
