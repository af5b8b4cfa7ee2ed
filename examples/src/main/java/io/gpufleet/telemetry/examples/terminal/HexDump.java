package io.gpufleet.telemetry.examples.terminal;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Shows bytes as {@code hexdump -C} does. */
public final class HexDump {
    private static final int WIDTH = 16;
    private static final int HALF = WIDTH / 2;
    private static final HexFormat PAIRS = HexFormat.ofDelimiter(" ");

    private HexDump() {}

    /** Returns lines of 16 bytes: {@code 00000000 00 10 41 42 43 44 45 46 47 48 |..ABCDEFGH|}. */
    public static List<String> lines(byte[] bytes) {
        return IntStream.range(0, (bytes.length + WIDTH - 1) / WIDTH)
                .mapToObj(line -> line(bytes, line * WIDTH))
                .toList();
    }

    private static String line(byte[] bytes, int from) {
        int middle = Math.min(from + HALF, bytes.length);
        int to = Math.min(from + WIDTH, bytes.length);
        return String.format(
                Locale.ROOT,
                "%08x  %-23s  %-23s  |%s|",
                from,
                PAIRS.formatHex(bytes, from, middle),
                PAIRS.formatHex(bytes, middle, to),
                printable(bytes, from, to));
    }

    private static String printable(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
        }
        return text.toString();
    }
}
