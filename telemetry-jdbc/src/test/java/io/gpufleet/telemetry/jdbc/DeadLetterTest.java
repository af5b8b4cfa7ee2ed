package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DeadLetterTest {
    @Parameter
    PostgresVersion version;

    private Database database;
    private Feed<Heartbeat> feed;

    @BeforeEach
    void open() {
        database = version.database();
        feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    @Test
    void write_keepsEverythingOfARecord() {
        feed.add(heartbeat(1, 1), NOON);
        feed.add(
                feed.record()
                        .timestampMillis(NOON.toEpochMilli())
                        .key(new byte[] {0, 1})
                        .value(new byte[] {(byte) 0xff})
                        .headers(List.of(
                                new Header("a", new byte[] {7}), new Header("b", null), new Header("a", new byte[0]))),
                "first",
                "second");
        feed.write();
        assertThat(database.row(
                        "SELECT group_id, topic, topic_id, partition, kafka_offset, record_timestamp, key, value,"
                                + " header_names, header_values, stage, reasons FROM dead_letters"))
                .isEqualTo("g|client-heartbeats|01234567-89ab-cdef-fedc-ba9876543210|0|1|2026-11-20 12:00:00+00|\\x0001"
                        + "|\\xff|{a,b,a}|{\"\\\\x07\",NULL,\"\\\\x\"}|decode|{first,second}");
        assertThat(database.count("heartbeat")).isEqualTo(1);
    }

    @Test
    void write_takesARecordWithoutAnything() {
        feed.add(feed.record(), "nothing").write();
        assertThat(database.row("SELECT record_timestamp, key, value, header_names, header_values FROM dead_letters"))
                .isEqualTo("null|null|null|{}|{}");
    }

    @Test
    void write_replacesWhatNoTextCanHold() {
        feed.add(
                        feed.record().headers(List.of(new Header("a\0b", null))),
                        "nul \0",
                        "half \ud83d",
                        "whole \ud83d\ude00")
                .write();
        assertThat(database.row("SELECT header_names, reasons FROM dead_letters"))
                .isEqualTo("{a\ufffdb}|{\"nul \ufffd\",\"half \ufffd\",\"whole \ud83d\ude00\"}");
    }

    @Test
    void write_cutsTextsBetweenTwoCharacters() {
        String ascii = "x".repeat(100_000);
        String wide = "\ud83d\ude00".repeat(100_000);
        feed.add(feed.record().headers(List.of(new Header("é".repeat(3_000), null))), ascii, "y" + wide)
                .write();
        assertThat(database.row(
                        "SELECT octet_length(header_names[1]), octet_length(reasons[1]), octet_length(reasons[2])"
                                + " FROM dead_letters"))
                .isEqualTo("4096|4096|4093");
        assertThat(StorableText.of("y" + wide).getBytes(StandardCharsets.UTF_8)).hasSize(4093);
    }

    @Test
    void write_takesEveryTimestamp() {
        for (long millis : new long[] {Long.MIN_VALUE, -2, 0, 253_402_300_799_999L, Long.MAX_VALUE}) {
            feed.add(feed.record().timestampMillis(millis), "time");
        }
        feed.write();
        assertThat(database.rows("SELECT record_timestamp FROM dead_letters ORDER BY kafka_offset"))
                .containsExactly(
                        "null",
                        "1969-12-31 23:59:59.998+00",
                        "1970-01-01 00:00:00+00",
                        "9999-12-31 23:59:59.999+00",
                        "null");
    }

    @Test
    void write_setsNoRecordAsideTwice() {
        feed.add(feed.record(), "first").write();
        feed.rewind();
        feed.add(feed.record(), "second").write();
        assertThat(database.rows("SELECT reasons FROM dead_letters")).containsExactly("{first}");
    }

    @Test
    void write_takesThousands() {
        for (int i = 0; i < 5_000; i++) {
            feed.add(feed.record().value(new byte[200]).headers(List.of(new Header("h", new byte[10]))), "r" + i);
        }
        feed.write();
        assertThat(database.row("SELECT count(*), count(DISTINCT reasons) FROM dead_letters"))
                .isEqualTo("5000|5000");
    }
}
