package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.LogId;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metadata of an offset committed by the SDK: the log of the offset. Kafka keeps a committed offset by the topic's
 * name, so the offset outlives its log, and tools copy it to other clusters.
 *
 * <pre>{@code gpufleet-telemetry/1 cluster=<cluster id> topic=<topic id>}</pre>
 */
final class CommitMark {
    private static final String FORM = "gpufleet-telemetry/1 cluster=%s topic=%s";
    private static final Pattern MARK = Pattern.compile(
            "gpufleet-telemetry/1 cluster=(\\S+) topic=(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})");

    private CommitMark() {}

    static String of(LogId log) {
        return FORM.formatted(log.clusterId(), log.topicId());
    }

    /** Returns the log named by the metadata, absent if another program committed. */
    static Optional<LogId> read(String metadata) {
        Matcher mark = MARK.matcher(metadata);
        return mark.matches()
                ? Optional.of(new LogId(mark.group(1), UUID.fromString(mark.group(2))))
                : Optional.empty();
    }
}
