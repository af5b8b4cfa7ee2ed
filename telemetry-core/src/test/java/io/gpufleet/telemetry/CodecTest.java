package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
    void decode_handsOutItsOneValue() {
        List<Byte> values = new ArrayList<>();
        Codec<Byte> codec = new ByteCodec();

        codec.decode(ByteBuffer.wrap(new byte[] {7}), (Consumer<Byte>) values::add);
        codec.decode(new byte[] {8}, (Consumer<Byte>) values::add);

        assertThat(values).containsExactly((byte) 7, (byte) 8);
    }

    @Test
    void decoder_handsOutAllValues() {
        List<String> values = new ArrayList<>();
        Decoder<String> decoder = new LineDecoder();

        decoder.decode(StandardCharsets.UTF_8.encode("a\nb"), (Consumer<String>) values::add);
        decoder.decode("c\nd".getBytes(StandardCharsets.UTF_8), (Consumer<String>) values::add);

        assertThat(values).containsExactly("a", "b", "c", "d");
    }

    @Test
    void decoder_endsAtARefusedValue_ifOnlyValuesAreTaken() {
        List<String> values = new ArrayList<>();

        assertThatThrownBy(() -> new LineDecoder()
                        .decode(StandardCharsets.UTF_8.encode("a\ndamaged\nb"), (Consumer<String>) values::add))
                .isInstanceOf(CodecException.class)
                .hasMessage("line 2: damaged at byte 0");
        assertThat(values).containsExactly("a");
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
