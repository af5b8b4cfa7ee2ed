package io.gpufleet.telemetry.jdbc.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of callers: what is read, and what is refused with which words. */
final class QueryTextsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T12:00:00Z",
                "2026-03-01t12:00:00z",
                "2026-03-01T13:00:00+01:00",
                "2026-03-01T06:30:00-05:30",
                "2026-03-01T12:00:00-00:00",
                "2026-03-01T13:00:00 01:00",
                "2026-03-01 12:00:00Z",
                "2026-03-01T12:00:00.000Z"
            })
    void time_isRead(String text) {
        assertThat(QueryTexts.startTime(text)).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(QueryTexts.endTime(text)).isEqualTo("2026-03-01T12:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00.1234567890123Z, 2026-03-01T12:00:00.123457Z, 2026-03-01T12:00:00.123456Z",
        "2026-03-01T12:00:00.1234560Z, 2026-03-01T12:00:00.123456Z, 2026-03-01T12:00:00.123456Z",
        "2026-03-01T12:00:00.9999999Z, 2026-03-01T12:00:01Z, 2026-03-01T12:00:00.999999Z",
        "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z, 2016-12-31T23:59:59.999999Z",
        "2016-12-31T23:59:60.5Z, 2017-01-01T00:00:00Z, 2016-12-31T23:59:59.999999Z",
        "2017-01-01T00:59:60+01:00, 2017-01-01T00:00:00Z, 2016-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z"
    })
    void time_thatIsNotStoredIsRoundedIntoTheRange(String text, Instant start, Instant end) {
        assertThat(QueryTexts.startTime(text)).isEqualTo(start);
        assertThat(QueryTexts.endTime(text)).isEqualTo(end);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9999-12-31T23:59:60Z",
                "9999-12-31T23:59:59.9999999Z",
                "9999-12-31T23:59:59-05:00",
                "0001-01-01T00:00:00+00:01"
            })
    void startTime_outsideOfTheYearsThatCanBeWritten_isRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.startTime(text))
                .withMessageContaining("is not an RFC 3339 time");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-03-01T12:00:60Z",
                "2026-03-01T24:00:00Z",
                "2026-03-01T12:60:00Z",
                "2026-03-01T12:00:00+02:00:30",
                "2026-03-01T12:00:00.Z",
                "+1000000000-12-31T23:59:59Z",
                "-0001-03-01T12:00:00Z",
                "0000-03-01T12:00:00Z",
                "2026-03-01T12:00:00",
                "2026-03-01T12:00Z",
                "2026-03-01",
                "1772366400",
                "2026-02-30T00:00:00Z",
                "2026-03-01T12:00:00+0200",
                "2026-03-01T12:00:00+24:00",
                "2026-03-01T12:00:00+01:60",
                "2026-03-01T12:61:00Z",
                "2026-03-01T12:00:61Z",
                "2026-03-01T12:00:00Z ",
                " 2026-03-01T12:00:00Z",
                "２０２６-03-01T12:00:00Z",
                "infinity",
                "-infinity",
                "now",
                "yesterday",
                "epoch",
                "allballs"
            })
    void time_ofAnotherFormIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.startTime(text))
                .withMessage("start_time \"" + text + "\" is not an RFC 3339 time, for example 2026-03-01T12:00:00Z")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("start_time"));
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.endTime(text))
                .withMessageStartingWith("end_time \"")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("end_time"));
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.startTime("since", text))
                .withMessageStartingWith("since \"" + text + "\" is not")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("since"));
    }

    @Test
    void date_isRead() {
        assertThat(QueryTexts.date("from", "2024-02-29")).isEqualTo("2024-02-29");
        assertThat(QueryTexts.date("to", "0001-01-01")).isEqualTo("0001-01-01");
        assertThat(QueryTexts.date("to", "9999-12-31")).isEqualTo("9999-12-31");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-02-29",
                "2026-13-01",
                "2026-00-10",
                "2026-3-1",
                "20260301",
                "0000-03-01",
                "-2026-03-01",
                "+12026-03-01",
                "2026-03-01T00:00:00Z",
                "2026-03-01Z",
                " 2026-03-01",
                "2026-03-01 ",
                "２０２６-03-01",
                "01.03.2026",
                "today",
                "infinity"
            })
    void date_ofAnotherFormIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.date("from", text))
                .withMessage("from \"" + text + "\" is not a day, for example 2026-03-01")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("from"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-5",
                "1001",
                "2147483648",
                "99999999999999999999",
                "1e3",
                "10.0",
                "abc",
                "+5",
                "0x10",
                "١٠",
                "",
                " 5",
                "5 "
            })
    void limit_ofAnotherFormIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.limit(text))
                .withMessage("limit must be 1..1000, was " + text)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("limit"));
    }

    @Test
    void sizes_areRead() {
        assertThat(QueryTexts.limit("1")).isEqualTo(1);
        assertThat(QueryTexts.limit("1000")).isEqualTo(1_000);
        assertThat(QueryTexts.offset("0")).isZero();
        assertThat(QueryTexts.offset("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(QueryTexts.bucket("300")).isEqualTo(Duration.ofMinutes(5));
        assertThat(QueryTexts.order("newest")).isEqualTo(SampleOrder.NEWEST);
        assertThat(QueryTexts.order("oldest")).isEqualTo(SampleOrder.OLDEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "9223372036854775808", "x", ""})
    void offset_ofAnotherFormIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.offset(text))
                .withMessage("offset must be >= 0, was " + text)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("offset"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-60", "0.5", "5m", "abc", ""})
    void bucket_ofAnotherFormIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.bucket(text))
                .withMessage("bucket must be a whole number of seconds from 1 on, was " + text)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("bucket"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"desc", "NEWEST", ""})
    void order_ofAnotherNameIsRefused(String text) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> QueryTexts.order(text))
                .withMessage("order \"" + text + "\" is not known; allowed: newest, oldest");
    }

    @Test
    void range_ofTimesThatAreNotStoredIsThatOfThoseThatAre() {
        TimeRange range = TimeRange.between(Instant.MIN, Instant.MAX);
        assertThat(range.start()).isEqualTo("0001-01-01T00:00:00Z");
        assertThat(range.end()).isEqualTo("9999-12-31T23:59:59.999999Z");
        assertThat(TimeRange.between(Instant.MAX, Instant.MAX).start()).isEqualTo(range.end());
        assertThat(TimeRange.since(Instant.EPOCH, Duration.ofNanos(1))).isEqualTo(Instant.EPOCH);
        assertThat(TimeRange.since(Instant.EPOCH, Duration.ofSeconds(Long.MAX_VALUE)))
                .isEqualTo(range.start());
    }

    @Test
    void range_thatEndsBeforeItBeginsIsRefused() {
        Instant noon = Instant.parse("2026-03-01T12:00:00Z");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> SampleQuery.builder("GPU-a")
                        .from(noon)
                        .to(noon.minusSeconds(1))
                        .build())
                .withMessage("end_time 2026-03-01T11:59:59Z is before start_time 2026-03-01T12:00:00Z")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("end_time"));
    }
}
