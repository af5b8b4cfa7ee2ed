package io.gpufleet.telemetry.examples.samples;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** The first characters of a file, unpacked, by which its format is known. Immutable. */
final class Sniff {
    private static final int LENGTH = 64 << 10;
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    /** A comment, or the name of a metric with labels or a value behind it. */
    private static final Pattern EXPOSITION =
            Pattern.compile("#.*|[a-zA-Z_:][a-zA-Z0-9_:]*(?:[ \t]*\\{.*|[ \t]+[^,;]*)");

    /** A member that only metric events have. */
    private static final Pattern EVENT = Pattern.compile("\"(?:schema_version|event_type|metrics)\"\\s*:");

    private static final Pattern DELIMITER = Pattern.compile("[,;\t]");
    private static final String METRIC = "metric_name";
    private static final Set<String> COLUMNS = Set.of("timestamp", METRIC, "uuid");
    private static final Pattern OF_NVIDIA_SMI =
            Pattern.compile("[a-z_]+(?:\\.[a-z_.]+)+(?: \\[[^]]*])?|name|index|count|serial|pstate|[a-z]+_version");

    private final String text;

    private Sniff(String text) {
        this.text = text;
    }

    static Sniff of(byte[] bytes) {
        InputStream plain = new ByteArrayInputStream(bytes);
        try (InputStream source = isPacked(bytes) ? new GZIPInputStream(plain) : plain) {
            String text = new String(firstOf(source), StandardCharsets.ISO_8859_1);
            return new Sniff(text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text);
        } catch (IOException e) {
            return new Sniff("");
        }
    }

    /** Returns whether bytes begin as gzip does. */
    static boolean isPacked(byte[] bytes) {
        return bytes.length >= 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    }

    /** Reads up to the limit, or to where a file was cut off. */
    private static byte[] firstOf(InputStream source) throws IOException {
        byte[] bytes = new byte[LENGTH];
        int count = 0;
        try {
            for (int read = 0; read >= 0 && count < LENGTH; read = source.read(bytes, count, LENGTH - count)) {
                count += read;
            }
        } catch (IOException cutOff) {
            // The decoder reports it, with the line.
        }
        return Arrays.copyOf(bytes, count);
    }

    /** Returns the format that the first line shows which is not blank. */
    SampleFormat format() {
        String line = text.lines()
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse("");
        if (line.startsWith("{") || line.startsWith("[")) {
            return EVENT.matcher(text).find() ? SampleFormat.EVENT : SampleFormat.JSON;
        }
        Set<String> names = names(line);
        boolean isHeader = !Collections.disjoint(names, COLUMNS);
        if (!isHeader && (line.isEmpty() || EXPOSITION.matcher(line).matches())) {
            return SampleFormat.TEXT;
        }
        boolean isOfNvidiaSmi =
                isHeader && !names.contains(METRIC) && names.stream().anyMatch(Sniff::isOfNvidiaSmi);
        return isOfNvidiaSmi ? SampleFormat.SMI : SampleFormat.CSV;
    }

    /** Returns the names of the columns, if the line is a header. */
    private static Set<String> names(String line) {
        return DELIMITER
                .splitAsStream(line)
                .map(cell -> cell.strip().replace("\"", "").toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    /**
     * Returns whether a column is one of nvidia-smi: {@code temperature.gpu}, {@code power.draw [W]}, {@code pstate}.
     */
    private static boolean isOfNvidiaSmi(String name) {
        return OF_NVIDIA_SMI.matcher(name).matches();
    }
}
