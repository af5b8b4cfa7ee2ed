package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The texts of assets, which are UTF-8: unlike a label of a sample, a damaged name is not kept. */
final class AssetText {
    /** The limit of a message or file of assets, about 200,000 of them. */
    static final int MOST_BYTES = 64 << 20;

    private AssetText() {}

    /**
     * Returns the text of some bytes.
     *
     * @throws CodecException if they are not UTF-8
     */
    static String of(byte[] bytes, int from, int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CodecException("bytes are not UTF-8", 0);
        }
    }
}
