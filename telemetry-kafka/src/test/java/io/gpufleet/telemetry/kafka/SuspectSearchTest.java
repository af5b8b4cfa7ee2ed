package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuspectSearchTest {
    private static final long MOMENT = Duration.ofSeconds(1).toNanos();

    private final SuspectSearch search = new SuspectSearch();
    private final Set<TopicPartition> open = new HashSet<>();
    private final List<TopicPartition> found = new ArrayList<>();
    private long nanos;

    private void open(int count) {
        IntStream.range(0, count).mapToObj(Logs::kafkaName).forEach(open::add);
    }

    /** Searches with polls that fail while a bad partition is open; returns the number of steps until none is. */
    private int searched(Set<TopicPartition> bad) {
        int moments = 0;
        while (search.isUnderWay() || open.stream().anyMatch(bad::contains)) {
            if (open.stream().anyMatch(bad::contains)) {
                Optional<TopicPartition> culprit = search.failed(open);
                culprit.ifPresent(found::add);
                open.removeIf(name -> culprit.isEmpty() || name.equals(culprit.get()));
            } else {
                nanos += MOMENT;
                moments++;
            }
            step();
        }
        return moments;
    }

    private void step() {
        search.next(nanos).ifPresent(step -> {
            open.removeAll(step.close());
            open.addAll(step.open());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 777, 1_999})
    void onePartitionOfMany_isFoundSoon(int bad) {
        open(2_000);

        int moments = searched(Set.of(Logs.kafkaName(bad)));

        assertThat(found).containsExactly(Logs.kafkaName(bad));
        assertThat(open).hasSize(1_999);
        assertThat(moments).isLessThan(15);
    }

    @Test
    void severalPartitions_areFoundEach() {
        open(20);

        searched(Set.of(Logs.kafkaName(3), Logs.kafkaName(4), Logs.kafkaName(17)));

        assertThat(found).containsExactlyInAnyOrder(Logs.kafkaName(3), Logs.kafkaName(4), Logs.kafkaName(17));
        assertThat(open).hasSize(17);
    }

    @Test
    void halves_areOpenedOneByOne() {
        open(4);
        assertThat(search.failed(open)).isEmpty();
        open.clear();
        step();
        assertThat(open).hasSize(2);
        Set<TopicPartition> first = Set.copyOf(open);

        nanos += MOMENT - 1;
        assertThat(search.next(nanos)).isEmpty();
        nanos += 1;
        step();
        assertThat(open).hasSize(2).doesNotContainAnyElementsOf(first);

        nanos += MOMENT;
        step();
        assertThat(open).hasSize(4);
        assertThat(search.isUnderWay()).isFalse();
    }

    @Test
    void searchThatFoundNothing_isMorePatientTheNextTime() {
        open(2);
        search.failed(open);
        for (int moment = 0; moment < 3; moment++) {
            search.next(nanos);
            nanos += MOMENT;
        }
        assertThat(search.isUnderWay()).isFalse();

        search.failed(open);
        search.next(nanos);

        assertThat(search.next(nanos + MOMENT)).isEmpty();
        assertThat(search.next(nanos + 2 * MOMENT)).isPresent();
    }
}
