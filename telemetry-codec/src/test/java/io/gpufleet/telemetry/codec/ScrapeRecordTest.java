package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.SourceRecord.TimestampType;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time and the host of samples, as their record says. */
class ScrapeRecordTest {
    private static final String TEXT = """
            DCGM_FI_DEV_GPU_TEMP{UUID="GPU-01",Hostname="n1"} 41
            DCGM_FI_DEV_GPU_UTIL{UUID="GPU-01"} x
            """;
    private static final Instant SENT = Instant.parse("2026-03-01T12:00:07Z");

    private final SourceRecord.Builder record = SourceRecord.builder(new SourcePartition("gpu", 0), 3)
            .timestampMillis(SENT.toEpochMilli())
            .value(TEXT.getBytes(StandardCharsets.UTF_8));
    private ExpositionTextDecoder decoder = ExpositionTextDecoder.create();

    private Decoded decode(Header... headers) {
        return Decoded.of(decoder, record.headers(List.of(headers)).build());
    }

    private static Header header(String name, String value) {
        return new Header(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static GpuSample sample(Decoded decoded) {
        assertThat(decoded.samples()).hasSize(1);
        assertThat(decoded.refusals()).containsExactly("line 2: value \"x\" is not a number");
        return decoded.samples().get(0);
    }

    @Test
    void decode_takesTheTimeAtWhichTheRecordWasSent() {
        assertThat(sample(decode()).time()).isEqualTo(SENT);
    }

    @Test
    void decode_takesTheTimeOfTheHeaderRather() {
        assertThat(sample(decode(header(ScrapeHeaders.TIME, "1772366400250"))).time())
                .isEqualTo("2026-03-01T12:00:00.250Z");
    }

    @Test
    void decode_takesTheTimeOfTheLastHeader() {
        Header earlier = header(ScrapeHeaders.TIME, "1772366400250");
        Header later = header(ScrapeHeaders.TIME, "1772366401250");

        assertThat(sample(decode(earlier, later)).time()).isEqualTo("2026-03-01T12:00:01.250Z");
    }

    @Test
    void decode_leavesTheTimeOfALine() {
        record.value("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-01\"} 41 1772366399000\n".getBytes(StandardCharsets.UTF_8));

        assertThat(decode(header(ScrapeHeaders.TIME, "1772366400250")).sample().time())
                .isEqualTo("2026-03-01T11:59:59Z");
    }

    @Test
    void decode_takesNoTimeOfTheBroker() {
        record.timestampType(TimestampType.LOG_APPEND_TIME);

        assertThat(decode().refusals())
                .containsExactly(
                        "line 1: no time; give scrapeTime(...) or the header telemetry-scrape-time",
                        "line 2: value \"x\" is not a number");
        assertThat(sample(decode(header(ScrapeHeaders.TIME, "1772366400250"))).time())
                .isEqualTo("2026-03-01T12:00:00.250Z");
    }

    @Test
    void decode_takesTheDecodersTimeIfTheRecordHasNone() {
        Instant known = Instant.parse("2026-03-01T00:00:00Z");
        decoder = ExpositionTextDecoder.builder().scrapeTime(known).build();

        assertThat(sample(decode()).time()).isEqualTo(SENT);
        record.timestampMillis(SourceRecord.NO_TIMESTAMP);
        assertThat(sample(decode()).time()).isEqualTo(known);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "-1", "1772366400.250", " 1772366400250", "1234567890123456"})
    void decode_refusesARecordWhoseHeaderIsNoTime(String time) {
        Decoded decoded = decode(header(ScrapeHeaders.TIME, time));

        assertThat(decoded.samples()).isEmpty();
        assertThat(decoded.refusals())
                .containsExactly("header telemetry-scrape-time \"" + time + "\" is not milliseconds since 1970");
    }

    @Test
    void decode_takesTheHostOfTheHeader() {
        decoder = ExpositionTextDecoder.builder().host("n2").build();

        assertThat(sample(decode()).subject().host()).isEqualTo("n2");
        assertThat(sample(decode(header(ScrapeHeaders.HOST, "n3"))).subject().host())
                .isEqualTo("n3");
    }

    @Test
    void decode_takesNoHostOfAnEmptyHeader() {
        assertThat(sample(decode(header(ScrapeHeaders.HOST, " "))).subject().host())
                .isEqualTo("n1");
        assertThat(sample(decode(new Header(ScrapeHeaders.HOST, null)))
                        .subject()
                        .host())
                .isEqualTo("n1");
    }
}
