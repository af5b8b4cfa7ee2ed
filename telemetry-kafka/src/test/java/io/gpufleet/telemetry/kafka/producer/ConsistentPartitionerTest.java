package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsistentPartitionerTest {
    private static final int KEYS = 100_000;
    private static final Node NODE = new Node(1, "localhost", 9092);

    private final ConsistentPartitioner partitioner = new ConsistentPartitioner();

    private static Cluster cluster(int partitions, Set<Integer> leaderless) {
        List<PartitionInfo> infos = IntStream.range(0, partitions)
                .mapToObj(number -> new PartitionInfo(
                        "t", number, leaderless.contains(number) ? null : NODE, new Node[] {NODE}, new Node[] {NODE}))
                .toList();
        return new Cluster("c", List.of(NODE), infos, Set.of(), Set.of());
    }

    private int partition(byte[] key, int valueBytes, Cluster cluster) {
        return partitioner.partition("t", null, key, null, new byte[valueBytes], cluster);
    }

    /** From another implementation of the hash (of GNU's C++ library) and of the jump. */
    @ParameterizedTest
    @CsvSource({
        "'',                                               0,                0, 0, 0, 0,  0,  0",
        "a,                                                71717d2d36b6b11,  0, 0, 7, 27, 27, 672",
        "node-031,                                         4240a6ff7e0767eb, 0, 1, 1, 24, 24, 100",
        "GPU-0b000000-0000-4000-8000-000000000001,         dd4b8f2b754e89d6, 0, 1, 5, 27, 27, 504",
        "GPU-0b000000-0000-4000-8000-000000000002,         d4d524032a2d6492, 0, 0, 0, 26, 47, 502",
        "MIG-GPU-0b000000-0000-4000-8000-000000000001/3/0, 45a555272a66f4f7, 0, 1, 1, 27, 27, 923",
        "nürnberg,                                         a3b273f2e07b1c86, 0, 0, 3, 15, 15, 430",
    })
    void partition_isTheJumpHashOfMurmur(
            String key, String hash, int of1, int of2, int of8, int of32, int of48, int of1000) {
        byte[] bytes = key.getBytes(UTF_8);
        assertThat(Long.toHexString(ConsistentPartitioner.hash(bytes))).isEqualTo(hash);
        assertThat(IntStream.of(1, 2, 8, 32, 48, 1000)
                        .map(count -> partition(bytes, 1, cluster(count, Set.of())))
                        .toArray())
                .containsExactly(of1, of2, of8, of32, of48, of1000);
    }

    private static byte[] key(int number) {
        return "GPU-%08x-0000-4000-8000-%012x"
                .formatted(number * 0x9e3779b9, number)
                .getBytes(UTF_8);
    }

    private static int jump(int number, int partitions) {
        return ConsistentPartitioner.jump(ConsistentPartitioner.hash(key(number)), partitions);
    }

    /** Four standard deviations of a binomial share. */
    private static double bound(double share) {
        return 4 * Math.sqrt(share * (1 - share) / KEYS);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "8, 16", "32, 33", "32, 48", "32, 64", "48, 1000"})
    void growth_movesTheShareOfTheNewPartitionsAndOnlyThere(int before, int after) {
        int moved = 0;
        for (int number = 0; number < KEYS; number++) {
            int first = jump(number, before);
            int second = jump(number, after);
            if (first != second) {
                moved++;
                assertThat(second).as("new partition of key %s", number).isGreaterThanOrEqualTo(before);
            }
        }
        double share = (double) (after - before) / after;
        assertThat((double) moved / KEYS).isCloseTo(share, within(bound(share)));
    }

    /** What the partitioner is there to avoid: by Kafka's own hash nearly all keys move. */
    @Test
    void growth_movesNearlyAllKeysByTheHashModuloPartitions() {
        long moved = IntStream.range(0, KEYS)
                .filter(number -> modulo(number, 32) != modulo(number, 33))
                .count();
        assertThat((double) moved / KEYS).isCloseTo(32.0 / 33, within(0.01));
    }

    private static int modulo(int number, int partitions) {
        return Utils.toPositive(Utils.murmur2(key(number))) % partitions;
    }

    @Test
    void keys_areSpreadEvenly() {
        int[] counts = new int[32];
        IntStream.range(0, KEYS).forEach(number -> counts[jump(number, 32)]++);
        assertThat(counts).satisfies(all -> {
            for (int count : all) {
                assertThat((double) count / KEYS).isCloseTo(1.0 / 32, within(bound(1.0 / 32)));
            }
        });
    }

    @Test
    void recordsWithoutKey_stayTogetherUntilABatchIsFull() {
        partitioner.configure(Map.of("batch.size", "100"));
        Cluster cluster = cluster(64, Set.of());
        Set<Integer> first = new HashSet<>();
        IntStream.range(0, 10).forEach(record -> first.add(partition(null, 10, cluster)));
        assertThat(first).hasSize(1);

        Set<Integer> further = new HashSet<>();
        IntStream.range(0, 1_000).forEach(record -> further.add(partition(null, 10, cluster)));
        assertThat(further).hasSizeGreaterThan(20);
    }

    @Test
    void recordsWithoutKey_goWhereALeaderIs() {
        Set<Integer> leaderless = Set.of(0, 1, 3);
        IntStream.range(0, 10)
                .forEach(record ->
                        assertThat(partition(null, 1, cluster(4, leaderless))).isEqualTo(2));
        assertThat(partition(null, 1, cluster(4, Set.of(0, 2, 3)))).isEqualTo(1);
        assertThat(partition(null, 1, cluster(4, Set.of(0, 1, 2, 3)))).isBetween(0, 3);
        assertThat(partitioner.partition("t", null, null, null, null, cluster(4, leaderless)))
                .isEqualTo(2);
    }
}
