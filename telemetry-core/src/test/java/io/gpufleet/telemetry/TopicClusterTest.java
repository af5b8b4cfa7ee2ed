package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.TopicCluster.Topic;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicClusterTest {
    private static final UUID ID = new UUID(1, 2);

    @Test
    void topic_hasAPartition_andMayBeEmpty() {
        Topic topic = new Topic(ID, 1, 0);

        assertThat(topic.partitions()).isEqualTo(1);
        assertThat(topic.endOffset()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Topic(ID, 0, 0))
                .withMessage("partitions: 0 is not 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Topic(ID, 1, -1))
                .withMessage("endOffset: -1 is not 0 or more");
    }
}
