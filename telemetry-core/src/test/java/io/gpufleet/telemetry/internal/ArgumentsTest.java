package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    private static final String LONGEST_TOPIC = "t".repeat(249);

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", ".", "..", "ä", "a\n", "a\0"})
    void topic_refusesWhatKafkaDoes(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.topic("topics", name))
                .withMessage("topics: \"" + name.replaceAll("\\p{Cntrl}", "?")
                        + "\" is not a name of 1 to 249 letters, digits, dots, underscores and hyphens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "...", "a.b_c-D9", ".a"})
    void topic_takesWhatKafkaDoes(String name) {
        assertThat(Arguments.topic("topics", name)).isEqualTo(name);
        assertThat(Arguments.topic("topics", LONGEST_TOPIC)).hasSize(249);
        assertThatIllegalArgumentException().isThrownBy(() -> Arguments.topic("topics", LONGEST_TOPIC + "t"));
    }

    @Test
    void topic_refusesBlanks() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.topic("topics", " "))
                .withMessage("topics: \" \" is blank");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "a\0", "a\nb"})
    void group_refusesWhatCannotBeStored(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.group("groupId", name))
                .withMessageStartingWith("groupId: \"");
    }

    @Test
    void group_takesWhatKafkaDoesUpToALength() {
        assertThat(Arguments.group("groupId", "a b/ä")).isEqualTo("a b/ä");
        assertThat(Arguments.group("groupId", "g".repeat(1_000))).hasSize(1_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.group("groupId", "g".repeat(1_001)))
                .withMessageContaining("is not a name of 1 to 1000 characters");
    }

    @Test
    void group_isQuotedInOneLineOfLimitedLength() {
        String longest = "g".repeat(999) + "\n";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.group("groupId", longest))
                .withMessageStartingWith("groupId: \"" + "g".repeat(999) + "?\" is");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.group("groupId", longest + "g"))
                .withMessageStartingWith("groupId: \"" + "g".repeat(999) + "?…\" is");
    }
}
