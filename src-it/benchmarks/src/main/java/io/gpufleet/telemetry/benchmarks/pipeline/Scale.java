package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.Map;

/**
 * The scale of the table. Immutable.
 *
 * @param records the records of the backlog, by the devices of a machine
 * @param warmUpRecords the records of the backlog that every row processes once before the measurement, if any
 * @param partRecords the number of records for rows that would take hours for the whole backlog
 * @param clients the number of machines
 * @param partitions the number of partitions of the topics
 * @param rounds the number of rounds
 * @param product the product's settings for such a backlog
 */
record Scale(
        Map<Integer, Integer> records,
        int warmUpRecords,
        int partRecords,
        int clients,
        int partitions,
        int rounds,
        BacklogSettings product) {
    private static final int PARTITIONS = 4;
    private static final int ROUNDS = 3;

    /** Two processors are busy with two lanes; a third lane made it slower. */
    private static final int LANES = 2;

    /** Returns the scale of a few minutes: the first round warms up, and the median ignores it. */
    static Scale quick() {
        BacklogSettings product = new BacklogSettings(LANES, 5_000);
        return new Scale(Map.of(1, 30_000, 8, 10_000), 0, 600, 2_000, PARTITIONS, ROUNDS, product);
    }

    /** Returns the scale that counts. */
    static Scale full() {
        BacklogSettings product = new BacklogSettings(LANES, 40_000);
        return new Scale(Map.of(1, 1_000_000, 8, 300_000), 100_000, 20_000, 10_000, PARTITIONS, ROUNDS, product);
    }

    /** Returns the smallest scale, which shows that every row still works. */
    static Scale smoke() {
        return new Scale(Map.of(1, 2_000), 0, 500, 100, 2, 1, new BacklogSettings(LANES, 500));
    }

    Backlog backlog(int devices) {
        return new Backlog("heartbeats-" + devices, records.getOrDefault(devices, 0), devices, clients, partitions);
    }

    Backlog warmUp(int devices) {
        return new Backlog("warm-up-" + devices, warmUpRecords, devices, clients, partitions);
    }
}
