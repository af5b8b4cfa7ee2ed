package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The elements of a batch that a dead letter keeps, as long as they fit. */
final class JsonExcerpt {
    private static final int MOST_BYTES = 64 << 10;

    private JsonExcerpt() {}

    /**
     * Returns an array of elements.
     *
     * @param elements the JSON of each
     */
    static byte[] of(List<String> elements) {
        StringBuilder excerpt = new StringBuilder();
        int room = MOST_BYTES - 2;
        for (String element : elements) {
            int length = element.getBytes(StandardCharsets.UTF_8).length + 1;
            if (length <= room) {
                room -= length;
                excerpt.append(excerpt.length() == 0 ? '[' : ',').append(element);
            }
        }
        // An array without an end stays unreadable.
        return excerpt.append(excerpt.length() == 0 ? '[' : ']').toString().getBytes(StandardCharsets.UTF_8);
    }
}
