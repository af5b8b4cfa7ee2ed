package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.codec.DetectingDecoder;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules of the consumer, before the topic: what it would refuse or leave out is refused here. Thread-safe. */
final class ElementJudge {
    /** A record of Kafka has 1 MiB by default, and may hold several elements. */
    static final int MOST_BYTES = 512 << 10;

    private static final String PLACE = "element 1: ";
    private static final SourcePartition NOWHERE = new SourcePartition("telemetry", 0);

    private final DetectingDecoder decoder;
    private final GpuSampleValidator validator;

    ElementJudge(DetectingDecoder decoder, GpuSampleValidator validator) {
        this.decoder = decoder;
        this.validator = validator;
    }

    /** Judges an element that comes now. */
    Verdict judge(Optional<String> element, Instant now) {
        if (element.isEmpty()) {
            return new Verdict.Bad("no object");
        }
        byte[] json = element.get().getBytes(UTF_8);
        if (json.length > MOST_BYTES) {
            return new Verdict.Bad("has " + json.length + " bytes, the limit is " + MOST_BYTES);
        }
        // The consumer goes by the content, too.
        if (decoder.decoderOf(ByteBuffer.wrap(json))
                .filter(SampleJsonDecoder.class::isInstance)
                .isEmpty()) {
            return new Verdict.Bad("is a metric event, no sample");
        }
        return decode(element.get(), json, now);
    }

    private Verdict decode(String element, byte[] json, Instant now) {
        Single single = new Single();
        SourceRecord source = SourceRecord.builder(NOWHERE, 0)
                .timestampMillis(now.toEpochMilli())
                .value(json)
                .build();
        try {
            decoder.decode(source, single);
        } catch (CodecException unreadable) {
            return new Verdict.Bad(SendersWords.ofElement(unreadable.reason()));
        }
        GpuSample sample = single.sample;
        if (sample == null) {
            return new Verdict.Bad(SendersWords.ofElement(single.reason));
        }
        List<String> reasons = validator.validate(Delivery.of(sample, sample.time(), source));
        return reasons.isEmpty()
                ? new Verdict.Good(sample.subject().uuid(), element)
                : new Verdict.Bad(SendersWords.ofElement(String.join("; ", reasons)));
    }

    /** Takes the only value, or the reason why there is none. */
    private static final class Single implements Decoder.Values<GpuSample> {
        private @Nullable GpuSample sample;
        private String reason = NO_VALUE;

        @Override
        public void accept(GpuSample value) {
            sample = value;
        }

        @Override
        public void refuse(String why) {
            reason = why.startsWith(PLACE) ? why.substring(PLACE.length()) : why;
        }

        @Override
        public void count(String what, int number) {
            if (number > 0) {
                reason = what;
            }
        }
    }
}
