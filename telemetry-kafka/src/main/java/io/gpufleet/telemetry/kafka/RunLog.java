package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.internal.Onlooker;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of a consumer in the host's log: start and end, partitions, troubles and their ends, and a summary of dead
 * letters; each change once. Events come from any thread, {@link #look} from one.
 */
final class RunLog implements TelemetryListener {
    private final Logger log;
    private final String groupId;
    private final LongSupplier nanoTime;
    private final TroubleLog troubles;
    private final LetterLog letters;
    private final Onlooker guard;
    private final Set<SourcePartition> assigned = ConcurrentHashMap.newKeySet();

    RunLog(String groupId, LongSupplier nanoTime) {
        this(LoggerFactory.getLogger(RunLog.class), groupId, nanoTime);
    }

    RunLog(Logger log, String groupId, LongSupplier nanoTime) {
        this.log = log;
        this.groupId = groupId;
        this.nanoTime = nanoTime;
        this.troubles = new TroubleLog(log, groupId);
        this.letters = new LetterLog(log, groupId);
        this.guard = new Onlooker(log, "Log of the consumer of group " + groupId + " is incomplete");
    }

    void started(ConsumerOptions<?> options) {
        guard.call(() -> log.info(
                "Consumer of group {} has started: topics {} from {}, {} into {}, {}; {}",
                groupId,
                new TreeSet<>(options.topics()),
                options.clientProperties().bootstrapServers(),
                Counted.of(options.concurrency(), "lane", "lanes"),
                options.target().sink(),
                batches(options.batching()),
                options.clientProperties().settings().map(RunLog::settings).orElse("settings of the builder")));
    }

    private static String batches(BatchPolicy policy) {
        return "batches of at most " + policy.maxRecords() + " records, " + policy.maxValues() + " values and "
                + policy.maxBytes() + " bytes, after " + policy.linger().toMillis() + " ms at the latest";
    }

    private static String settings(ConsumerSettings settings) {
        String named = settings.explain().stream()
                .filter(setting -> setting.origin() != SettingOrigin.DEFAULT)
                .map(setting -> setting.setting().column() + "="
                        + setting.value().map(Object::toString).orElse("none") + " ("
                        + setting.origin().name().toLowerCase(Locale.ROOT) + ")")
                .collect(Collectors.joining(", "));
        return "settings of service " + settings.serviceName() + ": "
                + (named.isEmpty() ? "the defaults" : named + ", else the defaults");
    }

    @Override
    public void on(TelemetryEvent event) {
        if (event instanceof TelemetryEvent.PartitionsAssigned assignment) {
            assigned.addAll(assignment.partitions());
            changed("was given", assignment.partitions());
        } else if (event instanceof TelemetryEvent.PartitionsRevoked revocation) {
            assigned.removeAll(revocation.partitions());
            changed(revocation.lost() ? "has lost" : "gave back", revocation.partitions());
        } else if (event instanceof TelemetryEvent.RecordRefused refusal) {
            letters.add(refusal.deadLetter());
        } else if (event instanceof TelemetryEvent.SamplesWritten samples) {
            letters.addRepeated(samples.repeated());
        }
    }

    private void changed(String what, Set<SourcePartition> partitions) {
        if (!partitions.isEmpty()) {
            log.info(
                    "Group {}: this consumer {} {}; it has {} now",
                    groupId,
                    what,
                    PartitionNames.of(partitions),
                    Counted.of(assigned.size(), "partition", "partitions"));
        }
    }

    /**
     * Logs the changes since the last look.
     *
     * @param health the consumer's health
     * @param waiting the number of polled records that are not written
     */
    void look(Health health, long waiting) {
        long now = nanoTime.getAsLong();
        guard.call(() -> {
            troubles.look(now, health.troubles(), waiting);
            letters.look(now);
        });
    }

    void ended(@Nullable Throwable cause, ConsumerSnapshot.Counts counts, long unwritten) {
        long now = nanoTime.getAsLong();
        guard.call(() -> letters.say(now));
        String done = done(counts) + "; "
                + Counted.of(unwritten, "buffered record was", "buffered records were")
                + " not written and will be delivered again";
        guard.call(() -> {
            if (cause == null) {
                log.info("Consumer of group {} was closed: {}", groupId, done);
            } else {
                log.error("Consumer of group {} has stopped, nothing was skipped: {}", groupId, done, cause);
            }
        });
    }

    private static String done(ConsumerSnapshot.Counts counts) {
        long stored = counts.deliveriesWritten() - counts.duplicatesDropped();
        return Counted.of(stored, "value", "values") + " stored in "
                + Counted.of(counts.batches(), "batch", "batches") + ", "
                + Counted.of(counts.duplicatesDropped(), "duplicate", "duplicates") + ", "
                + Counted.of(counts.deadLetters(), "dead letter", "dead letters")
                + (counts.repeated() == 0
                        ? ""
                        : ", " + Counted.of(counts.repeated(), "refused value", "refused values") + " counted only");
    }
}
