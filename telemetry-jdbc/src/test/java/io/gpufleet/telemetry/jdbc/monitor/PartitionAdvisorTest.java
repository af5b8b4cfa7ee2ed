package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Change;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Measurement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Advice on topics of a cluster in memory, with a real database. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class PartitionAdvisorTest {
    private static Database database;

    private final FakeTopicCluster cluster = new FakeTopicCluster();
    private final PartitionAdvisor advisor = PartitionAdvisor.builder(database.dataSource(), cluster)
            .schema("Fleet_1")
            .pace(cluster)
            .build();

    @Parameter
    PostgresVersion version;

    @BeforeParameterizedClassInvocation
    static void install(PostgresVersion version) {
        database = version.emptyDatabase();
        TelemetrySchema.builder(database.dataSource()).schema("Fleet_1").build().install();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE \"Fleet_1\".kafka_topics, \"Fleet_1\".topic_partition_changes");
        cluster.topic("busy", 3, 95);
        cluster.topic("calm", 3, 7);
    }

    @Test
    void watch_addsTopicsAsTheyAre() {
        database.execute("INSERT INTO \"Fleet_1\".kafka_topics VALUES ('calm', 1, 4, 9, 'high', false)");

        advisor.watch("calm", "busy", "busy");

        assertThat(topics()).containsExactly("busy|3|0|1|medium|t", "calm|1|4|9|high|f");
    }

    @Test
    void watch_refusesWhatIsNoTopic() {
        assertThatThrownBy(() -> advisor.watch("busy", "none", "neither"))
                .isInstanceOf(TelemetryException.class)
                .hasMessage("Topics that do not exist cannot be watched: neither, none");
        assertThatThrownBy(() -> advisor.watch("busy", "a;rm -rf /"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("topic: \"a;rm -rf /\" is not a name of 1 to 249 letters, digits, dots, underscores and"
                        + " hyphens");
        advisor.watch();
        assertThat(topics()).isEmpty();
    }

    @Test
    void measure_atFirstTakesTwoSamples() {
        advisor.watch("busy", "calm");

        assertThat(advisor.measure()).containsExactly(measured("busy", 3, 95), measured("calm", 3, 7));
        assertThat(cluster.pauses).containsExactly(10L);
        assertThat(topics()).containsExactly("busy|3|95.000|1|medium|t", "calm|3|7.000|1|medium|t");
    }

    @Test
    void measure_laterTakesTheTimeSinceTheLastOne() {
        advisor.watch("busy");
        advisor.measure();
        cluster.pass(100);
        cluster.topic("new", 1, 5);
        advisor.watch("new");

        assertThat(advisor.measure()).containsExactly(measured("busy", 3, 95), measured("new", 1, 5));
        assertThat(cluster.pauses).containsExactly(10L, 10L);

        cluster.pass(6);
        advisor.measure();
        cluster.pass(10);
        assertThat(advisor.measure()).containsExactly(measured("busy", 3, 95), measured("new", 1, 5));
        assertThat(cluster.pauses).containsExactly(10L, 10L, 4L);
    }

    @Test
    void measure_ofATopicThatWasMadeAnewOrLostRecordsBeginsAgain() {
        advisor.watch("busy", "calm");
        advisor.measure();
        cluster.pass(20);
        cluster.topic("busy", 2, 10);
        cluster.lose("calm", 200);

        assertThat(advisor.measure()).containsExactly(measured("busy", 2, 10), measured("calm", 3, 7));
        assertThat(cluster.pauses).containsExactly(10L, 10L);
    }

    @Test
    void measure_ofATopicThatIsMadeAnewMeanwhileKeepsTheRate() {
        advisor.watch("busy", "calm");
        advisor.measure();
        cluster.pass(5);
        cluster.duringPause = () -> {
            cluster.topic("busy", 9, 4000);
            cluster.lose("calm", 100);
        };

        assertThat(advisor.measure())
                .containsExactly(
                        new Measurement("busy", OptionalInt.of(9), OptionalDouble.empty()),
                        new Measurement("calm", OptionalInt.of(3), OptionalDouble.empty()));
        assertThat(topics()).containsExactly("busy|9|95.000|1|medium|t", "calm|3|7.000|1|medium|t");
    }

    @Test
    void measure_leavesOutWhatIsNotActiveAndSaysWhatDoesNotExist() {
        advisor.watch("busy", "calm");
        database.execute("UPDATE \"Fleet_1\".kafka_topics SET is_active = false WHERE topic_name = 'calm'");
        cluster.drop("busy");

        assertThat(advisor.measure())
                .containsExactly(new Measurement("busy", OptionalInt.empty(), OptionalDouble.empty()));
        assertThat(topics()).containsExactly("busy|3|0|1|medium|t", "calm|3|0|1|medium|f");
    }

    @Test
    void measure_ofNothingAsksNobody() {
        assertThat(advisor.measure()).isEmpty();
        assertThat(cluster.pauses).isEmpty();
    }

    @Test
    void measure_endsByAnInterrupt() {
        advisor.watch("busy");
        Thread.currentThread().interrupt();
        assertThatThrownBy(advisor::measure)
                .isInstanceOf(TelemetryException.class)
                .hasMessage("Topics were not measured: interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(topics()).containsExactly("busy|3|0|1|medium|t");
    }

    @Test
    void measure_waitsInRealTimeToo() {
        advisor.watch("busy");
        PartitionAdvisor real = PartitionAdvisor.builder(database.dataSource(), cluster)
                .schema("Fleet_1")
                .sampleFor(Duration.ofMillis(20))
                .build();
        long begin = System.nanoTime();
        assertThat(real.measure()).containsExactly(measured("busy", 3, 0));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    }

    @Test
    void advice_goesFromMeasurementToMorePartitions() {
        advisor.watch("busy", "calm");
        advisor.measure();

        List<Change> changes = advisor.recommend();
        assertThat(changes).hasSize(1);
        assertThat(changes.get(0))
                .isEqualTo(new Change(
                        "busy",
                        3,
                        10,
                        "More partitions: 95.0 events a second on 3 partitions are more than 10 each",
                        changes.get(0).createdAt()));
        assertThat(advisor.script()).containsExactly("kafka-topics --alter --topic busy --partitions 10");
        assertThat(cluster.raised).isEmpty();

        assertThat(advisor.apply("busy")).isEqualTo(changes.get(0));
        assertThat(cluster.raised).containsExactly("busy=10");
        assertThat(applied()).containsExactly("busy|10|t");
        assertThat(advisor.script()).isEmpty();
        assertThat(advisor.recommend()).isEmpty();
    }

    @Test
    void apply_refusesATopicWithoutAnOpenChange() {
        advisor.watch("busy", "calm");
        advisor.measure();
        advisor.recommend();
        advisor.apply("busy");

        for (String topic : List.of("busy", "calm", "none")) {
            assertThatThrownBy(() -> advisor.apply(topic))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("topic: \"" + topic + "\" has no open change; recommend() returns those that are open");
        }
        assertThat(cluster.raised).containsExactly("busy=10");
    }

    @Test
    void apply_marksWhatTheClusterHasAlready() {
        advisor.watch("busy");
        advisor.measure();
        advisor.recommend();
        cluster.raisePartitions("busy", 12);

        advisor.apply("busy");

        assertThat(cluster.partitions("busy")).isEqualTo(12);
        assertThat(applied()).containsExactly("busy|10|t");
        advisor.measure();
        assertThat(topics()).containsExactly("busy|12|95.000|1|medium|t");
        assertThat(advisor.recommend()).isEmpty();
    }

    @Test
    void apply_leavesTheChangeOpenIfTheClusterRefuses() {
        advisor.watch("busy");
        advisor.measure();
        advisor.recommend();
        cluster.drop("busy");

        assertThatThrownBy(() -> advisor.apply("busy")).hasMessage("no topic busy");
        assertThat(applied()).containsExactly("busy|10|f");
    }

    @Test
    void apply_leavesTheChangeOpenThatAsksForMoreMeanwhile() {
        TopicTables tables = new TopicTables(database.dataSource(), Optional.of("Fleet_1"));
        advisor.watch("busy");
        advisor.measure();
        advisor.recommend();

        tables.markApplied("busy", 9);
        assertThat(applied()).containsExactly("busy|10|f");
        tables.markApplied("busy", 10);
        assertThat(applied()).containsExactly("busy|10|t");
    }

    @Test
    void builder_refusesWhatCannotBe() {
        PartitionAdvisor.Builder builder = PartitionAdvisor.builder(database.dataSource(), cluster);
        assertThatThrownBy(() -> builder.sampleFor(Duration.ZERO)).hasMessageContaining("sampleFor: PT0S is not");
        assertThatThrownBy(() -> builder.schema("a b")).hasMessageContaining("schema: \"a b\"");
    }

    @Test
    void withoutTheTables_theErrorSaysWhatToDo() {
        PartitionAdvisor elsewhere = PartitionAdvisor.create(database.dataSource(), cluster);
        assertThatThrownBy(elsewhere::measure)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("install the tables with TelemetrySchema, or name their schema");
    }

    private static Measurement measured(String topic, int partitions, double rate) {
        return new Measurement(topic, OptionalInt.of(partitions), OptionalDouble.of(rate));
    }

    private static List<String> topics() {
        return database.rows("SELECT * FROM \"Fleet_1\".kafka_topics ORDER BY topic_name");
    }

    private static List<String> applied() {
        return database.rows("SELECT topic_name, recommended_partitions, applied"
                + " FROM \"Fleet_1\".topic_partition_changes ORDER BY id");
    }
}
