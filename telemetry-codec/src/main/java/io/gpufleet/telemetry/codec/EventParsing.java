package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.util.Arrays;

/** The parsing of a message that is one metric event, usual or not. Used once, by one thread. */
final class EventParsing {
    private final SampleLimits limits;
    private final LeftOut leftOut;

    EventParsing(SampleLimits limits, LeftOut leftOut) {
        this.limits = limits;
        this.leftOut = leftOut;
    }

    /**
     * Returns the event; where it is not UTF-8, U+FFFD is read.
     *
     * @throws CodecException if it is refused
     */
    MetricEvent parse(byte[] json, int from, int length) {
        try {
            return read(json, from, from + length);
        } catch (CodecException fault) {
            byte[] repaired = new String(json, from, length, UTF_8).getBytes(UTF_8);
            if (Arrays.equals(repaired, 0, repaired.length, json, from, from + length)) {
                throw fault;
            }
            return readRepaired(repaired, length);
        }
    }

    private MetricEvent readRepaired(byte[] json, int length) {
        try {
            MetricEvent event = read(json, 0, json.length);
            leftOut.addMalformedText();
            return event;
        } catch (CodecException fault) {
            throw new CodecException(fault.reason(), Math.min(fault.offset(), length));
        }
    }

    private MetricEvent read(byte[] json, int from, int to) {
        int begin = EventJson.begin(json, from, to);
        if (json[begin] != '{') {
            throw new CodecException("no JSON object", begin - from);
        }
        EventReader reader = new EventReader(limits, leftOut, json, begin);
        EventJson.parse(json, begin, from, to, reader::read);
        return reader.event();
    }
}
