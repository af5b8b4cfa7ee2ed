package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Records of many values: a bad value is refused alone, and a replay adds only the missing values. */
@TelemetryStackTest
final class ManyValuesIT {
    private static final String GROUP = "lines-group";

    private static final PostgresTable<Delivery<String>> LINES = PostgresTable.<Delivery<String>>builder("line")
            .key("text", ColumnType.TEXT, Delivery::value)
            .keep("place", ColumnType.TEXT, d -> d.offset() + "#" + d.index())
            .build();

    /** One value for each line; {@code damaged} is none. */
    private static final class Lines implements Decoder<String> {
        @Override
        public void decode(ByteBuffer source, Values<? super String> values) {
            for (String line : lines(StandardCharsets.UTF_8.decode(source).toString())) {
                if (line.equals("damaged")) {
                    values.refuse("line \"damaged\"");
                } else {
                    values.accept(line);
                }
            }
        }

        @Override
        public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
            List<String> lines = lines(new String(source, StandardCharsets.UTF_8));
            return indexes.stream()
                    .map(lines::get)
                    .collect(Collectors.joining("\n"))
                    .getBytes(StandardCharsets.UTF_8);
        }

        private static List<String> lines(String text) {
            return text.lines().toList();
        }
    }

    private static void publish(TelemetryStack stack, String topic, String... records) {
        stack.createTopic(topic, 1);
        stack.publish(
                topic,
                Stream.of(records)
                        .map(record -> TestRecord.of(record.getBytes(StandardCharsets.UTF_8)))
                        .toList());
    }

    private static PostgresSink.Builder<String> sink(Database database) {
        return PostgresSink.<String>builder(database.source()).insertOnce(LINES);
    }

    private static void consume(TelemetryStack stack, String topic, PostgresSink<String> sink, Database database) {
        try (BatchingConsumer consumer = BatchingConsumer.builder(new Lines(), sink)
                .bootstrapServers(stack.bootstrapServers())
                .topics(topic)
                .groupId(GROUP)
                .start()) {
            Await.until(
                    "all offsets are passed",
                    Duration.ofSeconds(60),
                    () -> database.rows("SELECT next_offset FROM consumer_offsets")
                            .equals(List.of("4")));
            assertThat(consumer.health().isReady()).isTrue();
        }
    }

    private static Database database(TelemetryStack stack) {
        Database database = Database.of(stack);
        database.execute("CREATE TABLE line (text text PRIMARY KEY, place text,"
                + " CONSTRAINT no_refused CHECK (text <> 'refused'))");
        return database;
    }

    @Test
    void badValues_costThemselvesAndAreAddedByAReplay(TelemetryStack stack) throws Exception {
        Database database = database(stack);
        publish(stack, "lines", "a1\na2\ndamaged\na3", "b1\nrefused\nb2\nb3", "c1", "damaged");

        consume(stack, "lines", sink(database).build(), database);

        assertThat(database.rows("SELECT text, place FROM line ORDER BY text"))
                .containsExactly("a1 0#0", "a2 0#1", "a3 0#3", "b1 1#0", "b2 1#2", "b3 1#3", "c1 2#0");
        assertThat(database.rows(
                        "SELECT kafka_offset, stage, convert_from(value, 'UTF8') FROM dead_letters ORDER BY 1"))
                .containsExactly("0 sample damaged", "1 sample refused", "3 decode damaged");

        database.execute("ALTER TABLE line DROP CONSTRAINT no_refused");
        DeadLetterReplayer.<String>builder(database.source(), GROUP)
                .build()
                .through(sink(database).build(), new Lines(), Validator.acceptAll());

        assertThat(database.rows("SELECT place FROM line WHERE text = 'refused'"))
                .containsExactly("1#0");
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL ORDER BY 1"))
                .containsExactly("0", "3");
    }

    @Test
    void sinkThatWouldRepeatItsWork_isGivenNoPartOfARecord(TelemetryStack stack) throws Exception {
        Database database = database(stack);
        publish(stack, "whole-lines", "a1\ndamaged\na2", "b1\nrefused", "c1\nc2", "damaged");

        consume(
                stack,
                "whole-lines",
                sink(database).inTransaction((connection, batch) -> {}).build(),
                database);

        assertThat(database.rows("SELECT text FROM line ORDER BY text")).containsExactly("c1", "c2");
        assertThat(database.rows("SELECT kafka_offset, stage FROM dead_letters ORDER BY 1"))
                .containsExactly("0 decode", "1 write", "3 decode");
    }
}
