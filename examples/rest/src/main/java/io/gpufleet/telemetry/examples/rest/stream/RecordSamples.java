package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;

/** The samples of a record that a consumer of the topic stores, always in the same order. Thread-safe. */
final class RecordSamples {
    private final Decoder<GpuSample> decoder;
    private final Validator<GpuSample> validator;

    RecordSamples(Decoder<GpuSample> decoder, Validator<GpuSample> validator) {
        this.decoder = decoder;
        this.validator = validator;
    }

    List<GpuSample> of(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return List.of();
        }
        Good good = new Good(source(record));
        try {
            decoder.decode(good.source, good);
        } catch (RuntimeException unreadable) {
            // The consumer has a dead letter for it; what stands before is good.
            return good.samples;
        }
        return good.samples;
    }

    private static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        boolean isAppendTime = record.timestampType() == TimestampType.LOG_APPEND_TIME;
        return SourceRecord.builder(new SourcePartition(record.topic(), record.partition()), record.offset())
                .timestampMillis(record.timestamp())
                .timestampType(
                        isAppendTime
                                ? SourceRecord.TimestampType.LOG_APPEND_TIME
                                : SourceRecord.TimestampType.CREATE_TIME)
                .key(record.key())
                .value(record.value())
                .headers(Arrays.stream(record.headers().toArray())
                        .map(header -> new SourceRecord.Header(header.key(), header.value()))
                        .toList())
                .build();
    }

    /** Takes what the validator accepts. */
    private final class Good implements Decoder.Values<GpuSample> {
        private final SourceRecord source;
        private final List<GpuSample> samples = new ArrayList<>();
        private int index;

        Good(SourceRecord source) {
            this.source = source;
        }

        @Override
        public void accept(GpuSample sample) {
            Delivery<GpuSample> delivery = Delivery.of(sample, sample.time(), source, index++);
            if (validator.validate(delivery).isEmpty()) {
                samples.add(sample);
            }
        }

        @Override
        public void refuse(String reason) {
            index++;
        }
    }
}
