package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The alarm about a lag that becomes worse or better. Time is passed in. Belongs to one thread, except for
 * {@link #now}.
 */
final class LagAlarm {
    private record Measured(long messages, Duration growing) {}

    private final AlarmPolicy policy;
    private final LagTrend trend;
    private Set<SourcePartition> partitions = Set.of();
    private Severity severity = Severity.NONE;
    private volatile Measured last = new Measured(0, Duration.ZERO);

    LagAlarm(AlarmPolicy policy) {
        this.policy = policy;
        this.trend = new LagTrend(policy.lagGrowth());
    }

    /** Evaluates a measurement, and returns the changes to report. */
    Optional<TelemetryEvent.LagAlarm> measured(long nowNanos, TelemetryEvent.LagMeasured lag) {
        if (!lag.partitions().keySet().equals(partitions)) {
            partitions = lag.partitions().keySet();
            trend.restart();
        }
        Duration growing = trend.add(nowNanos, lag.messages());
        last = new Measured(lag.messages(), growing);
        TelemetryEvent.LagAlarm now = judge(lag.messages(), growing);
        if (now.severity() == severity) {
            return Optional.empty();
        }
        severity = now.severity();
        return Optional.of(now);
    }

    /** Returns the alarm for a lag since the last measurement; one that is smaller does not grow. */
    TelemetryEvent.LagAlarm now(long messages) {
        Measured before = last;
        return judge(messages, messages < before.messages() ? Duration.ZERO : before.growing());
    }

    private TelemetryEvent.LagAlarm judge(long messages, Duration growing) {
        if (messages > policy.lagCritical()) {
            return alarm(Severity.CRITICAL, messages, "more than " + policy.lagCritical() + " messages behind");
        }
        if (growing.compareTo(policy.lagGrowth()) > 0) {
            return alarm(
                    Severity.CRITICAL,
                    messages,
                    "the lag has grown for more than " + policy.lagGrowth().toSeconds() + " s");
        }
        if (messages > policy.lagWarning()) {
            return alarm(Severity.WARNING, messages, "more than " + policy.lagWarning() + " messages behind");
        }
        return alarm(Severity.NONE, messages, "");
    }

    private static TelemetryEvent.LagAlarm alarm(Severity severity, long messages, String reason) {
        return new TelemetryEvent.LagAlarm(severity, messages, reason);
    }
}
