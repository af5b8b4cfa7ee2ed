package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The GPU, else the host, and the metric of a row that cannot be read, as far as its text shows them in any form of
 * input. They only tell the row from those of others; no sample is made of them.
 */
final class RowTraces {
    /** A longer row names its GPU before this. */
    private static final int MOST_BYTES = 64 << 10;

    private static final Pattern UUID = Pattern.compile("\\b(?:GPU|MIG)-[0-9A-Za-z/-]+");
    private static final Pattern HOST = Pattern.compile("[Hh]ostname\"?\\s*[=:]\\s*\"([^\"]+)");
    private static final Pattern METRIC = Pattern.compile("\\b(?:DCGM|dcgm)_[0-9A-Za-z_]+");

    private RowTraces() {}

    /**
     * Returns what a row is of; empty if it does not show it.
     *
     * @param host the host of the record, which rows without a GPU are of
     */
    static String of(byte[] text, Place row, Optional<String> host) {
        int length = Math.min(row.to() - row.from(), MOST_BYTES);
        return of(new String(text, row.from(), length, UTF_8), host);
    }

    /** As {@link #of(byte[], Place, Optional)}, of a row that is a text by itself. */
    static String of(String row, Optional<String> host) {
        Optional<String> whose = found(UUID, 0, row).or(() -> host).or(() -> found(HOST, 1, row));
        return (whose.orElse("") + ' ' + found(METRIC, 0, row).orElse("")).strip();
    }

    private static Optional<String> found(Pattern pattern, int group, String row) {
        Matcher matcher = pattern.matcher(row);
        return matcher.find() ? Optional.of(matcher.group(group)) : Optional.empty();
    }
}
