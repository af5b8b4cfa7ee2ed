package io.gpufleet.telemetry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** A decoder of one value per line; it refuses a line {@code damaged}, and can read nothing behind {@code end}. */
public final class LineDecoder implements Decoder<String> {

    /** Creates a decoder. */
    public LineDecoder() {}

    @Override
    public void decode(ByteBuffer source, Values<? super String> values) {
        int line = 0;
        for (String text : StandardCharsets.UTF_8.decode(source).toString().split("\n", -1)) {
            line++;
            switch (text) {
                case "" -> {}
                case "damaged" -> values.refuse("line " + line + ": damaged");
                case "end" -> throw new CodecException("line " + line + " ends the record", 9);
                default -> values.accept(text);
            }
        }
    }

    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        String[] lines = new String(source, StandardCharsets.UTF_8).split("\n", -1);
        return indexes.stream()
                .map(index -> lines[index])
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
