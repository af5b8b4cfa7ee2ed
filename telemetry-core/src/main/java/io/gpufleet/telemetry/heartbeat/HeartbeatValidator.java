package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.Durations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The validator of heartbeats, which gives every reason against one that cannot be right or does not fit its columns:
 * percentages over 100, more than eight devices in a pod or 32,768 in all, network values of 2^63 or more, totals of
 * 2^31 or more, a key that is not the client's id, a time too far ahead of the clock, too far behind it or before 1970.
 * A null key is accepted. Thread-safe.
 */
public final class HeartbeatValidator implements Validator<Heartbeat> {
    private static final int MAX_PERCENT = 100;
    private static final int BITS_OF_DIGIT = 4;

    /** The largest number of a 16-bit device index. */
    private static final int MAX_DEVICES = 32_768;

    private final Clock clock;
    private final Duration maxAhead;
    private final Optional<Duration> maxBehind;

    private HeartbeatValidator(Builder builder) {
        this.clock = builder.clock;
        this.maxAhead = builder.maxAhead;
        this.maxBehind = builder.maxBehind;
    }

    /**
     * Returns a validator with the defaults: the system's clock, at most 5 minutes ahead of it and 30 days behind it.
     *
     * @return a validator
     */
    public static HeartbeatValidator create() {
        return builder().build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public List<String> validate(Delivery<Heartbeat> delivery) {
        List<String> reasons = new ArrayList<>(0);
        Heartbeat heartbeat = delivery.value();
        checkLoad(heartbeat.systemInfo(), reasons);
        checkTotals(heartbeat, reasons);
        checkPods(heartbeat.pods(), reasons);
        checkTime(delivery.time(), reasons);
        delivery.source().key().ifPresent(key -> checkKey(key, heartbeat.clientId(), reasons));
        return reasons;
    }

    private static void checkLoad(SystemInfo info, List<String> reasons) {
        checkPercent("cpu_usage", info.cpuUsage(), reasons);
        checkPercent("memory_usage", info.memoryUsage(), reasons);
        checkPercent("disk_usage", info.diskUsage(), reasons);
        checkNetwork("network_rx", info.networkRx(), reasons);
        checkNetwork("network_tx", info.networkTx(), reasons);
    }

    private static void checkPercent(String name, int value, List<String> reasons) {
        if (value > MAX_PERCENT) {
            reasons.add(name + " " + value + " is more than 100 percent");
        }
    }

    private static void checkNetwork(String name, long value, List<String> reasons) {
        if (value < 0) {
            reasons.add(name + " " + Long.toUnsignedString(value) + " is more than " + Long.MAX_VALUE);
        }
    }

    private static void checkTotals(Heartbeat heartbeat, List<String> reasons) {
        checkTotal("device_memtotal_gb", heartbeat.deviceMemTotalGb(), reasons);
        checkTotal("device_count", heartbeat.deviceCount(), reasons);
        checkTotal("total_tflops", heartbeat.totalTflops(), reasons);
    }

    private static void checkTotal(String name, long value, List<String> reasons) {
        if (value > Integer.MAX_VALUE) {
            reasons.add(name + " " + value + " is more than " + Integer.MAX_VALUE);
        }
    }

    private static void checkPods(List<DevicePod> pods, List<String> reasons) {
        long devices = 0;
        for (int i = 0; i < pods.size(); i++) {
            DevicePod pod = pods.get(i);
            devices += pod.deviceCount();
            if (pod.num() > DevicePod.MAX_DEVICES) {
                reasons.add("pod " + i + " claims " + pod.num() + " devices, more than " + DevicePod.MAX_DEVICES);
            }
        }
        if (devices > MAX_DEVICES) {
            reasons.add("the pods have " + devices + " devices, more than " + MAX_DEVICES);
        }
    }

    private void checkTime(Instant time, List<String> reasons) {
        Instant now = clock.instant();
        if (time.isAfter(now) && Duration.between(now, time).compareTo(maxAhead) > 0) {
            reasons.add("time " + time + " is more than " + Durations.inWords(maxAhead) + " ahead of the clock");
        } else if (time.isBefore(Instant.EPOCH)) {
            reasons.add("time " + time + " is before 1970");
        } else if (maxBehind.isPresent() && Duration.between(time, now).compareTo(maxBehind.get()) > 0) {
            reasons.add("time " + time + " is more than " + Durations.inWords(maxBehind.get())
                    + " behind the clock; for a backfill, build the validator with anyAge()");
        }
    }

    private static void checkKey(byte[] key, ClientId clientId, List<String> reasons) {
        if (!names(key, clientId)) {
            reasons.add("the key is not the payload's client_id " + clientId);
        }
    }

    private static boolean names(byte[] key, ClientId clientId) {
        if (key.length == ClientId.BYTES) {
            return ClientId.of(key).equals(clientId);
        }
        return key.length == ClientId.HEX_CHARACTERS
                && isHex(key, 0, clientId.high())
                && isHex(key, key.length / 2, clientId.low());
    }

    /** Returns whether the 16 characters from an index on are a number; allocates nothing. */
    private static boolean isHex(byte[] characters, int from, long number) {
        long read = 0;
        for (int i = from; i < from + Long.SIZE / BITS_OF_DIGIT; i++) {
            int digit = Character.digit(Byte.toUnsignedInt(characters[i]), 1 << BITS_OF_DIGIT);
            if (digit < 0) {
                return false;
            }
            read = read << BITS_OF_DIGIT | digit;
        }
        return read == number;
    }

    /** Builds a {@link HeartbeatValidator}. Not thread-safe. */
    public static final class Builder {
        private Clock clock = Clock.systemUTC();
        private Duration maxAhead = Duration.ofMinutes(5);
        private Optional<Duration> maxBehind = Optional.of(Duration.ofDays(30));

        private Builder() {}

        /**
         * Sets the clock that times are compared with.
         *
         * @param wallClock a clock (default: the system's)
         * @return this
         */
        public Builder clock(Clock wallClock) {
            this.clock = requireNonNull(wallClock, "wallClock");
            return this;
        }

        /**
         * Sets the largest distance of a time ahead of the clock.
         *
         * @param duration 0 or more (default: 5 minutes)
         * @return this
         */
        public Builder maxAhead(Duration duration) {
            if (requireNonNull(duration, "duration").isNegative()) {
                throw new IllegalArgumentException("maxAhead: " + duration + " is negative");
            }
            this.maxAhead = duration;
            return this;
        }

        /**
         * Sets the largest distance of a time behind the clock, so that a client with a wrong clock neither fills the
         * statistics of days long past nor creates a partition for each.
         *
         * @param duration 0 or more (default: 30 days)
         * @return this
         */
        public Builder maxBehind(Duration duration) {
            if (requireNonNull(duration, "duration").isNegative()) {
                throw new IllegalArgumentException("maxBehind: " + duration + " is negative");
            }
            this.maxBehind = Optional.of(duration);
            return this;
        }

        /**
         * Accepts any time from 1970 on, however far behind the clock: for a backfill, and for records that are read
         * again after more than 30 days.
         *
         * @return this
         */
        public Builder anyAge() {
            this.maxBehind = Optional.empty();
            return this;
        }

        /**
         * Builds the validator.
         *
         * @return a thread-safe validator
         */
        public HeartbeatValidator build() {
            return new HeartbeatValidator(this);
        }
    }
}
