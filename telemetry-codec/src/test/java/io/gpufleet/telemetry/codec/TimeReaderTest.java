package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.CodecException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeReaderTest {
    private final TimeReader reader = new TimeReader(null);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T12:00:00.123456Z",
                "2026-03-01T12:00:00.123456789Z",
                "2026-03-01t12:00:00,123456z",
                "2026-03-01 12:00:00.123456+00:00",
                "2026-03-01T13:30:00.123456+01:30",
                "2026-03-01T07:00:00.123456-0500",
                "1772366400123456",
                "1772366400123456789",
                "1772366400.123456",
                "1772366400.123456999",
                " 2026-03-01T12:00:00.123456Z ",
                "2026-03-02T11:59:00.123456+23:59"
            })
    void read_takesAllFormsOfOneTime(String text) {
        assertThat(reader.read(text)).isEqualTo("2026-03-01T12:00:00.123456Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1772366400", "1772366400000", "1772366400000000", "1772366400000000000", "1772366400.0"})
    void read_tellsUnitsByTheNumberOfDigits(String text) {
        assertThat(reader.read(text)).isEqualTo("2026-03-01T12:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01/03/2026 12:00",
                "2026-02-30T12:00:00Z",
                "2025-02-29T12:00:00Z",
                "2026-13-01T12:00:00Z",
                "2026-00-01T12:00:00Z",
                "2026-03-01T24:00:00Z",
                "2026-03-01T12:60:00Z",
                "2026-03-01T12:00:00+24:00",
                "2026-03-01T12:00:00+1",
                "2026-03-01T12:00:00Zulu",
                "2026-03-01T12:00:00.Z",
                "2026-03-01",
                "2026-03-01.5",
                "",
                "99999999999999999999",
                "177236640",
                "17723664001",
                "1772366400.",
                "1772366400.1Z",
                "-1772366400",
                "yesterday"
            })
    void read_refusesOtherTexts(String text) {
        assertThatThrownBy(() -> reader.read(text))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason())
                                .isEqualTo(
                                        "timestamp \"" + text + "\" is not a time, for example 2026-03-01T12:00:00Z"));
    }

    @Test
    void read_needsAZoneForATimeWithoutOffset() {
        assertThatThrownBy(() -> reader.read("2026-03-01T12:00:00"))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason())
                                .isEqualTo("timestamp \"2026-03-01T12:00:00\" names no zone; give zone(...)"));

        assertThat(new TimeReader(ZoneId.of("Europe/Berlin")).read("2026-07-01T14:00:00.5"))
                .isEqualTo("2026-07-01T12:00:00.5Z");
    }

    @Test
    void readLocal_takesTheTimeOfNvidiaSmi() {
        assertThat(new TimeReader(ZoneOffset.UTC).readLocal("2026/03/01 12:00:00.250"))
                .isEqualTo("2026-03-01T12:00:00.250Z");
        assertThatThrownBy(() -> reader.readLocal("2026/03/01 12:00:00.250"))
                .hasMessageContaining("timestamp \"2026/03/01 12:00:00.250\" names no zone; give zone(...)");
    }

    @Test
    void read_takesYearsBefore1970() {
        assertThat(reader.read("1969-12-31T23:59:59.999999Z")).isEqualTo(Instant.ofEpochSecond(-1, 999_999_000));
    }

    @Test
    void read_quotesNoLongText() {
        assertThatThrownBy(() -> reader.read("x".repeat(100_000)))
                .isInstanceOfSatisfying(
                        CodecException.class,
                        refusal -> assertThat(refusal.reason()).hasSizeLessThan(200));
    }
}
