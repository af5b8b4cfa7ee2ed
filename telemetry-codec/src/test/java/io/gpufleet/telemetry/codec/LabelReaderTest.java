package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.CodecException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelReaderTest {
    private final LeftOut counts = new LeftOut();
    private final Utf8 utf8 = new Utf8(counts);
    private final LabelReader reader = new LabelReader(new SampleLimits(1000, 1000, 20, 3), utf8);

    private Map<String, String> read(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, String> read(byte[] bytes) {
        return reader.read(bytes, 0, bytes.length);
    }

    @Test
    void read_keepsTheOrderAndResolvesEscapes() {
        assertThat(read("z=\"a,b \\\"c\\\"\",a=\"\\\\x\\ny\\t\""))
                .containsExactly(entry("z", "a,b \"c\""), entry("a", "\\x\ny\\t"));
    }

    @Test
    void read_allowsBlanksAndATrailingComma() {
        assertThat(read(" gpu = \"1\" ,\tUUID=\"GPU-1\", ")).containsExactly(entry("gpu", "1"), entry("UUID", "GPU-1"));
    }

    @Test
    void read_leavesEmptyLabelsOut() {
        assertThat(read("pod=\"\",gpu=\"0\"")).containsExactly(entry("gpu", "0"));
        assertThat(read("")).isEmpty();
        assertThat(read("  ")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
        'a="1" b="2"',          'comma or } expected'
        'a="say "hi""',         'comma or } expected'
        'a="1",,b="2"',         'label name expected'
        ',a="1"',               'label name expected'
        '1a="1"',               'label name expected'
        'a="1",a="2"',          'label "a" stands twice'
        'a="",a=""',            'label "a" stands twice'
        'a="1',                 'label set not closed'
        'a="1\\',               'label set not closed'
        'a="1\\"',              'label set not closed'
        'a',                    'label set not closed'
        'a=',                   'label set not closed'
        'a:"1"',                '= expected'
        'a=1',                  '" expected'
        'a="1",b="2",c="3",d="4"', 'more than 3 labels'
        'a="123456789012345678901"', 'label "a" has 21 bytes, the limit is 20'
        """)
    void read_refusesWhatIsNoList(String text, String reason) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    @Test
    void read_replacesAndCountsMalformedBytes() {
        byte[] bytes = {'a', '=', '"', (byte) 0xff, 'x', (byte) 0xef, (byte) 0xbf, (byte) 0xbd, '"'};

        assertThat(read(bytes)).containsExactly(entry("a", "\ufffdx\ufffd"));
        assertThat(counts.malformedTexts()).isEqualTo(1);

        read("a=\"\ufffd\"");
        assertThat(counts.malformedTexts()).isEqualTo(1);
    }
}
