package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceRecordTest {
    private static final SourcePartition PARTITION = new SourcePartition("t", 3);

    @Test
    void record_hasNothingThatWasNotSet() {
        SourceRecord record = SourceRecord.builder(PARTITION, 7).build();

        assertThat(record.timestamp()).isEmpty();
        assertThat(record.timestampType()).isEqualTo(SourceRecord.TimestampType.CREATE_TIME);
        assertThat(record.key()).isEmpty();
        assertThat(record.value()).isEmpty();
        assertThat(record.headers()).isEmpty();
        assertThat(record.sizeInBytes()).isZero();
        assertThat(record).hasToString("t-3@7");
    }

    @Test
    void sizeInBytes_countsKeyValueAndHeaders() {
        SourceRecord record = SourceRecord.builder(PARTITION, 7)
                .key(new byte[3])
                .value(new byte[10])
                .headers(List.of(new SourceRecord.Header("é", new byte[5]), new SourceRecord.Header("trace", null)))
                .build();

        assertThat(record.sizeInBytes()).isEqualTo(3 + 10 + 2 + 5 + 5);
    }

    @Test
    void timestamp_mayBeBefore1970() {
        SourceRecord record =
                SourceRecord.builder(PARTITION, 7).timestampMillis(-2).build();

        assertThat(record.timestamp()).contains(Instant.ofEpochMilli(-2));
    }

    @Test
    void record_refusesANegativeOffset() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SourceRecord.builder(PARTITION, -1))
                .withMessage("offset: -1 is not 0 or more");
    }

    @Test
    void partition_isOrderedByTopicAndNumber() {
        assertThat(List.of(new SourcePartition("b", 0), new SourcePartition("a", 10), new SourcePartition("a", 9)))
                .isSortedAccordingTo((left, right) -> right.compareTo(left));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SourcePartition("a", -1))
                .withMessage("partition: -1 is not 0 or more");
    }

    @Test
    void deadLetter_needsAReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new DeadLetter(SourceRecord.builder(PARTITION, 7).build(), DeadLetter.Stage.DECODE, List.of()))
                .withMessage("reasons: none given; at least one is needed");
    }

    @Test
    void withValue_keepsEverythingElse() {
        SourceRecord.Header header = new SourceRecord.Header("trace", new byte[] {1});
        SourceRecord record = SourceRecord.builder(PARTITION, 7)
                .timestampMillis(9)
                .timestampType(SourceRecord.TimestampType.LOG_APPEND_TIME)
                .key(new byte[] {2})
                .value(new byte[] {3})
                .headers(List.of(header))
                .build();

        SourceRecord other = record.withValue(new byte[] {4});

        assertThat(other).hasToString("t-3@7");
        assertThat(other.timestampMillis()).isEqualTo(9);
        assertThat(other.timestampType()).isEqualTo(SourceRecord.TimestampType.LOG_APPEND_TIME);
        assertThat(other.key()).contains(new byte[] {2});
        assertThat(other.value()).contains(new byte[] {4});
        assertThat(other.headers()).containsExactly(header);
    }

    @Test
    void delivery_saysItsPlaceAndTime() {
        SourceRecord record = SourceRecord.builder(PARTITION, 7).build();

        assertThat(Delivery.of("text", Instant.EPOCH, record))
                .hasToString("Delivery[t-3@7, time=1970-01-01T00:00:00Z]");
        assertThat(Delivery.of("text", Instant.EPOCH, record, 2))
                .hasToString("Delivery[t-3@7, index=2, time=1970-01-01T00:00:00Z]");
    }
}
