package io.gpufleet.telemetry.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.google.protobuf.Message;
import org.junit.jupiter.api.Test;

class VersionsTest {

    @Test
    void of_isWhatTheNameOfTheJarSays() {
        assertThat(Versions.of(Kryo.class)).matches("5\\.\\d+\\.\\d+");
        assertThat(Versions.of(Message.class)).matches("4\\.\\d+\\.\\d+");
    }

    @Test
    void of_aClassThatIsInNoJarSaysSo() {
        assertThat(Versions.of(VersionsTest.class)).isEqualTo("without a jar");
    }
}
