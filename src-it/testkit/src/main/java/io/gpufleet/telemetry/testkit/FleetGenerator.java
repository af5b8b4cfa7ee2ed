package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A simulated fleet: machines with GPUs that send heartbeats in turn. On request, some heartbeats are damaged, invalid
 * or without their devices.
 *
 * <pre>{@code
 * List<FleetRecord> records = FleetGenerator.builder().clients(50).damageRate(0.01).build().records(500);
 * }</pre>
 *
 * <p>The same options yield the same records, byte for byte, every time and on every JVM. Record n is that of machine n
 * mod clients; the machines share the interval evenly, so times never decrease and no machine has two heartbeats at one
 * time. Immutable.
 */
public final class FleetGenerator {
    private final Builder options;

    private FleetGenerator(Builder options) {
        this.options = options;
    }

    /**
     * Returns a builder with the defaults: 100 machines with 1 to 8 devices, a heartbeat every 10 seconds from
     * 2026-01-01 on, none damaged or refused, in the wire format.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns an endless stream of records, to be limited.
     *
     * @return a sequential, ordered stream
     */
    public Stream<FleetRecord> stream() {
        Iterator<FleetRecord> records = new Run(options);
        int characteristics = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(records, characteristics), false);
    }

    /**
     * Returns the first records.
     *
     * @param count the number of records
     * @return an immutable list
     */
    public List<FleetRecord> records(int count) {
        return stream().limit(count).toList();
    }

    /** One pass through the records. */
    private static final class Run implements Iterator<FleetRecord> {
        private final Builder options;
        private final Random random;
        private final List<SimulatedMachine> machines = new ArrayList<>();
        private long next;

        Run(Builder options) {
            this.options = options;
            this.random = new Random(options.seed);
            int choices = options.mostDevices - options.fewestDevices + 1;
            for (int machine = 0; machine < options.clients; machine++) {
                machines.add(new SimulatedMachine(random, options.fewestDevices + random.nextInt(choices)));
            }
        }

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public FleetRecord next() {
            int machine = (int) (next % options.clients);
            Instant time = time(next / options.clients, machine);
            next++;
            return record(heartbeat(machines.get(machine)), time);
        }

        private Heartbeat heartbeat(SimulatedMachine machine) {
            Heartbeat heartbeat = machine.next(random);
            boolean fails = options.collectorFailureRate > 0 && random.nextDouble() < options.collectorFailureRate;
            return fails ? withoutPods(heartbeat) : heartbeat;
        }

        private static Heartbeat withoutPods(Heartbeat named) {
            return new Heartbeat(
                    named.clientId(),
                    named.systemInfo(),
                    named.deviceMemTotalGb(),
                    named.deviceCount(),
                    named.totalTflops(),
                    List.of());
        }

        private Instant time(long round, int machine) {
            long interval = options.interval.toMillis();
            return options.start.plusMillis(round * interval + interval * machine / options.clients);
        }

        private FleetRecord record(Heartbeat heartbeat, Instant time) {
            double draw = random.nextDouble();
            if (draw < options.damageRate) {
                return damaged(heartbeat, time);
            }
            return draw < options.damageRate + options.refusalRate ? refused(heartbeat, time) : good(heartbeat, time);
        }

        private FleetRecord good(Heartbeat heartbeat, Instant time) {
            return new FleetRecord(FleetRecord.Kind.GOOD, key(heartbeat), encode(heartbeat), time, heartbeat);
        }

        private FleetRecord damaged(Heartbeat heartbeat, Instant time) {
            byte[] bytes = Damage.anyNoticed(encode(heartbeat), options.codec, random);
            return new FleetRecord(FleetRecord.Kind.DAMAGED, key(heartbeat), bytes, time, heartbeat);
        }

        private FleetRecord refused(Heartbeat heartbeat, Instant time) {
            Refusal refusal = Refusal.any(random);
            Heartbeat spoiled = refusal.spoil(heartbeat, random);
            byte[] key = refusal.key(heartbeat.clientId());
            return new FleetRecord(FleetRecord.Kind.REFUSED, key, encode(spoiled), time, spoiled);
        }

        private byte[] encode(Heartbeat heartbeat) {
            return options.codec.encode(heartbeat);
        }

        private static byte[] key(Heartbeat heartbeat) {
            return Refusal.ascii(heartbeat.clientId().toString());
        }
    }

    /** Builds a {@link FleetGenerator}. Not thread-safe. */
    public static final class Builder {
        private static final long DEFAULT_SEED = 1;

        /** The largest number that the validator of heartbeats accepts. */
        private static final int MOST_DEVICES = 32_768;

        private long seed = DEFAULT_SEED;
        private int clients = 100;
        private int fewestDevices = 1;
        private int mostDevices = DevicePod.MAX_DEVICES;
        private double collectorFailureRate;
        private double damageRate;
        private double refusalRate;
        private Instant start = Instant.parse("2026-01-01T00:00:00Z");
        private Duration interval = Duration.ofSeconds(10);
        private Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();

        private Builder() {}

        private Builder(Builder other) {
            this.seed = other.seed;
            this.clients = other.clients;
            this.fewestDevices = other.fewestDevices;
            this.mostDevices = other.mostDevices;
            this.collectorFailureRate = other.collectorFailureRate;
            this.damageRate = other.damageRate;
            this.refusalRate = other.refusalRate;
            this.start = other.start;
            this.interval = other.interval;
            this.codec = other.codec;
        }

        /**
         * Sets the seed of all random choices.
         *
         * @param number any number (default: 1)
         * @return this
         */
        public Builder seed(long number) {
            this.seed = number;
            return this;
        }

        /**
         * Sets the number of machines in the fleet.
         *
         * @param count 1 or more (default: 100)
         * @return this
         */
        public Builder clients(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("clients: " + count + " is not 1 or more");
            }
            this.clients = count;
            return this;
        }

        /**
         * Sets the range of a machine's devices; each machine has its own number. More than eight are in several pods;
         * a machine with none has no pod.
         *
         * @param fewest 0 to 32,768 (default: 1)
         * @param most {@code fewest} to 32,768 (default: 8)
         * @return this
         */
        public Builder devicesPerClient(int fewest, int most) {
            if (fewest < 0 || most < fewest || most > MOST_DEVICES) {
                throw new IllegalArgumentException(
                        "devicesPerClient: " + fewest + " to " + most + " is no range within 0 to " + MOST_DEVICES);
            }
            this.fewestDevices = fewest;
            this.mostDevices = most;
            return this;
        }

        /**
         * Sets the share of heartbeats with a count of devices but without the devices, as when their collector has
         * failed. Such a heartbeat is accepted.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder collectorFailureRate(double share) {
            this.collectorFailureRate = requireShare("collectorFailureRate", share);
            return this;
        }

        /**
         * Sets the share of records whose bytes do not decode.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder damageRate(double share) {
            this.damageRate = requireShare("damageRate", share);
            return this;
        }

        /**
         * Sets the share of records that decode and must be refused.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder refusalRate(double share) {
            this.refusalRate = requireShare("refusalRate", share);
            return this;
        }

        /**
         * Sets the time of the first heartbeat. A consumer of heartbeats refuses heartbeats that are more than 30 days
         * behind its clock by default.
         *
         * @param time a time, cut to milliseconds (default: 2026-01-01T00:00:00Z)
         * @return this
         */
        public Builder start(Instant time) {
            this.start = Instant.ofEpochMilli(time.toEpochMilli());
            return this;
        }

        /**
         * Sets the time of the first heartbeat by its age, so that a consumer does not refuse the heartbeats as too far
         * behind its clock. Then the times differ between runs, and everything else is the same.
         *
         * @param age the age, 0 or more
         * @return this
         */
        public Builder startAgo(Duration age) {
            if (age.isNegative()) {
                throw new IllegalArgumentException("startAgo: " + age + " is negative");
            }
            return start(Instant.now().minus(age));
        }

        /**
         * Sets the interval between two heartbeats of a machine.
         *
         * @param duration 1 ms to 365 days (default: 10 seconds)
         * @return this
         */
        public Builder interval(Duration duration) {
            if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException("interval: " + duration + " is not between 1 ms and 365 days");
            }
            this.interval = duration;
            return this;
        }

        /**
         * Sets the wire form.
         *
         * @param heartbeatCodec a codec (default: {@link BincodeHeartbeatCodec#fixed()})
         * @return this
         */
        public Builder codec(Codec<Heartbeat> heartbeatCodec) {
            this.codec = requireNonNull(heartbeatCodec, "heartbeatCodec");
            return this;
        }

        /**
         * Builds the generator.
         *
         * @return an immutable generator
         * @throws IllegalArgumentException if the rates are more than 1 together
         */
        public FleetGenerator build() {
            if (damageRate + refusalRate > 1) {
                throw new IllegalArgumentException(
                        "damageRate " + damageRate + " and refusalRate " + refusalRate + " are more than 1 together");
            }
            return new FleetGenerator(new Builder(this));
        }

        private static double requireShare(String name, double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException(name + ": " + share + " is not between 0 and 1");
            }
            return share;
        }
    }
}
