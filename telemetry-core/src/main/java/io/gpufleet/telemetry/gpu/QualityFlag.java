package io.gpufleet.telemetry.gpu;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A doubt about a stored reading. The flags of a reading are stored as the sum of their bits. */
public enum QualityFlag {
    /** Outside of the range of its metric, and kept because the host asked for it; bit 1. */
    OUT_OF_RANGE(1),
    /** Older than the allowed lateness, but accepted; bit 2. */
    LATE(2),
    /** A second delivery of a reading; bit 4. */
    DUPLICATE(4);

    private static final int ALL = 7;

    private final int bit;

    QualityFlag(int bit) {
        this.bit = bit;
    }

    /**
     * Returns the bit of this flag.
     *
     * @return a power of two
     */
    public int bit() {
        return bit;
    }

    /** Returns the name in events. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the sum of the bits of flags.
     *
     * @param flags any flags
     * @return 0 if there is none
     */
    public static int bits(Collection<QualityFlag> flags) {
        int bits = 0;
        for (QualityFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    /**
     * Returns the flags of a sum of bits.
     *
     * @param bits 0 or more
     * @return the flags, unmodifiable
     * @throws IllegalArgumentException if a bit is none of these flags'
     */
    public static Set<QualityFlag> of(int bits) {
        if ((bits & ~ALL) != 0) {
            throw new IllegalArgumentException("bits: " + bits + " is not between 0 and " + ALL);
        }
        EnumSet<QualityFlag> flags = EnumSet.noneOf(QualityFlag.class);
        for (QualityFlag flag : values()) {
            if ((bits & flag.bit) != 0) {
                flags.add(flag);
            }
        }
        return flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(flags);
    }
}
