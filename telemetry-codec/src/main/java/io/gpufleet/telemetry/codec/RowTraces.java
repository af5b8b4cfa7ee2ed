package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.List;
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

    /** A shorter row names nothing. */
    private static final int SHORTEST = "GPU-0".length();

    private static final Trace UUID = new Trace("\\b((?:GPU|MIG)-[0-9A-Za-z/-]+)", "GPU-", "MIG-");
    private static final Trace HOST = new Trace("[Hh]ostname\"?\\s*[=:]\\s*\"([^\"]+)", "ostname");
    private static final Trace METRIC = new Trace("\\b((?:DCGM|dcgm)_[0-9A-Za-z_]+)", "DCGM_", "dcgm_");

    /** A pattern, and the words of which each match has one: a search for them allocates nothing. */
    private record Trace(Pattern pattern, List<String> words) {
        Trace(String pattern, String... words) {
            this(Pattern.compile(pattern), List.of(words));
        }

        Optional<String> in(String row) {
            for (String word : words) {
                if (row.contains(word)) {
                    Matcher matcher = pattern.matcher(row);
                    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
                }
            }
            return Optional.empty();
        }
    }

    private RowTraces() {}

    /**
     * Returns what a row is of; empty if it does not show it.
     *
     * @param host the host of the record, which rows without a GPU are of
     */
    static String of(byte[] text, Place row, Optional<String> host) {
        int length = Math.min(row.to() - row.from(), MOST_BYTES);
        return length < SHORTEST ? host.orElse("") : of(new String(text, row.from(), length, UTF_8), host);
    }

    /** As {@link #of(byte[], Place, Optional)}, of a row that is a text by itself. */
    static String of(String row, Optional<String> host) {
        Optional<String> whose = UUID.in(row).or(() -> host).or(() -> HOST.in(row));
        Optional<String> metric = METRIC.in(row);
        return whose.isEmpty() && metric.isEmpty() ? "" : (whose.orElse("") + ' ' + metric.orElse("")).strip();
    }
}
