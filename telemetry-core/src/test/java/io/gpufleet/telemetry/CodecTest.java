package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CodecTest {

    /** A codec of single bytes. */
    private static final class ByteCodec implements Codec<Byte> {
        @Override
        public int encodedSize(Byte value) {
            return 1;
        }

        @Override
        public void encode(Byte value, ByteBuffer target) {
            target.put(value);
        }

        @Override
        public Byte decode(ByteBuffer source) {
            return source.get();
        }
    }

    @Test
    void encode_givesAnArrayOfTheEncodedSize() {
        assertThat(new ByteCodec().encode((byte) 7)).containsExactly(7);
    }

    @Test
    void exception_saysWhatAndWhere() {
        CodecException exception = new CodecException("n: too many", 47);

        assertThat(exception).hasMessage("n: too many at byte 47");
        assertThat(exception.reason()).isEqualTo("n: too many");
        assertThat(exception.offset()).isEqualTo(47);
    }

    @Test
    void exception_costsNoStackTrace() {
        assertThat(new CodecException("bad", 0).getStackTrace()).isEmpty();
    }
}
