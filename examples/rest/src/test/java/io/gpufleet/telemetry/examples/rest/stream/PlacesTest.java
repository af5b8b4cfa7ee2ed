package io.gpufleet.telemetry.examples.rest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacesTest {

    @ParameterizedTest
    @ValueSource(strings = {"0:15", "0:15,1:7.3", "0:0,1:9223372036854775807@Vj0xkA2b", "3:1@a-_Z"})
    void parse_readsWhatIsWritten(String id) {
        assertThat(Places.parse(id)).hasToString("Optional[" + id + "]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "0",
                "0:",
                ":1",
                "0:1,",
                ",0:1",
                "0:1,,1:2",
                "0:1 ",
                " 0:1",
                "0:1.",
                "0:1.-2",
                "0:+1",
                "0:1@",
                "0:1@a b",
                "0:1@a@b",
                "@abc",
                "-1:5",
                "1234567890:1",
                "0:1,0:2",
                "0:1;1:2",
                "٣:1",
                "0:1\n"
            })
    void parse_ofSomethingElse_isEmpty(String id) {
        assertThat(Places.parse(id)).isEmpty();
    }

    @Test
    void parse_ofVeryLongText_isEmpty() {
        assertThat(Places.parse("0:" + "1".repeat(100_000))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0:-1", "0:-99999999999999999999999", "0:9223372036854775808", "0:18446744073709551616"})
    void parse_ofImpossibleOffset_knowsThePartition(String id) {
        assertThat(Places.parse(id).orElseThrow().byPartition())
                .containsExactlyEntriesOf(java.util.Map.of(0, Place.at(Place.NO_OFFSET)));
    }

    @Test
    void isOfTopicOf_comparesTheIdsThatAreKnown() {
        Places live = Places.none("Vj0xkA2bQ0aXXXXXXXXXXX");
        assertThat(live).hasToString("@Vj0xkA2b");
        assertThat(Places.parse("0:1@Vj0xkA2b").orElseThrow().isOfTopicOf(live)).isTrue();
        assertThat(Places.parse("0:1").orElseThrow().isOfTopicOf(live)).isTrue();
        assertThat(Places.parse("0:1@Vj0xkA2c").orElseThrow().isOfTopicOf(live)).isFalse();
    }

    @Test
    void behind_isTheNextSampleOrTheNextRecord() {
        assertThat(Place.behind(7, 0, 3)).hasToString("7.1");
        assertThat(Place.behind(7, 2, 3)).hasToString("8");
    }
}
