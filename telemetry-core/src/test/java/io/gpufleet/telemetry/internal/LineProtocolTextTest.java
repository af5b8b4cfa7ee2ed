package io.gpufleet.telemetry.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineProtocolTextTest {
    private static final String NEXT = "\ngpu,host=n1 temp=41i 2\n";

    private static int endOfLine(String text, int mostBytes) {
        byte[] bytes = text.getBytes(UTF_8);
        return LineProtocolText.endOfLine(bytes, 0, bytes.length, mostBytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpu,host=n1 temp=41i 1",
                "gpu note=\"one\ntwo\" 1",
                "gpu  note=\"one\r\n\ntwo\",temp=1",
                "gpu note=\"one\n\\\"two\\\\\\\"\n\",temp=1,other=\"\n\" 1",
                "gpu\\ a\\,b,host=a\\ b my\\ note=\"one\n\"",
                "gpu note=\"a\",other=\"b\"\r",
                "gpu,host=\" temp=1",
                "gpu,a=\" b=\",\"",
                "# it's a \"comment",
                "CREATE DATABASE \"dcgm WITH NAME autogen",
                "gpu note=a\" 1",
                "gpu note=1 \"",
                "gpu note",
                "gpu =\"one\n\""
            })
    void endOfLine_isBehindTheTextsOfTheLine(String line) {
        assertThat(endOfLine(line + NEXT, 1_000)).isEqualTo(line.length());
        assertThat(endOfLine(line, 1_000)).isEqualTo(line.length());
    }

    @Test
    void endOfLine_isThatOfTheFirstLineIfItsTextIsNotClosed() {
        String line = "gpu note=\"one 1";
        assertThat(endOfLine(line + NEXT, 1_000)).isEqualTo(line.length());
        assertThat(endOfLine(line + NEXT + "gpu note=\"two\"\n", 1_000)).isEqualTo(line.length());
        assertThat(endOfLine(line + NEXT + "\"\n", 20)).isEqualTo(line.length());
        assertThat(endOfLine("gpu note=\"one and more\n\"", 5)).isEqualTo(22);
    }
}
