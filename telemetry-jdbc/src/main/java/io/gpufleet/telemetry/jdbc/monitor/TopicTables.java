package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TopicCluster.Topic;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Change;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Measurement;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The tables {@code kafka_topics} and {@code topic_partition_changes}, and the functions over them. Thread-safe. */
final class TopicTables {
    private static final int RATE_SCALE = 3;

    private final Transactions transactions;
    private final Optional<String> schema;
    private final String topics;
    private final String changes;

    TopicTables(DataSource dataSource, Optional<String> schema) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.DEFAULT);
        this.schema = schema;
        this.topics = Identifier.qualify(schema, "kafka_topics");
        this.changes = Identifier.qualify(schema, "topic_partition_changes");
    }

    SortedSet<String> active() {
        return inTransaction(
                "kafka_topics",
                handle -> new TreeSet<>(handle.createQuery("SELECT topic_name FROM " + topics + " WHERE is_active")
                        .mapTo(String.class)
                        .set()));
    }

    /** Adds the missing topics. */
    void add(Map<String, Topic> added) {
        inTransaction("kafka_topics", handle -> {
            new TreeMap<>(added)
                    .forEach((name, topic) -> handle.execute(
                            "INSERT INTO " + topics + " (topic_name, partitions) VALUES (?, ?) ON CONFLICT DO NOTHING",
                            name,
                            topic.partitions()));
            return added;
        });
    }

    /** Stores measurements, the topics in their order; unknown values stay unchanged. */
    void store(List<Measurement> measurements) {
        inTransaction("kafka_topics", handle -> {
            for (Measurement measured : measurements) {
                measured.partitions().ifPresent(partitions -> {
                    handle.execute(
                            "UPDATE " + topics + " SET partitions = ? WHERE topic_name = ?",
                            partitions,
                            measured.topic());
                });
                measured.eventsPerSecond().ifPresent(rate -> {
                    handle.execute(
                            "UPDATE " + topics + " SET expected_events_per_second = ? WHERE topic_name = ?",
                            BigDecimal.valueOf(rate).setScale(RATE_SCALE, RoundingMode.HALF_UP),
                            measured.topic());
                });
            }
            return measurements;
        });
    }

    /** Updates the open changes, and returns all of them. */
    List<Change> recommend() {
        return inTransaction("recommend_partition_changes", handle -> {
            handle.createQuery("SELECT " + Identifier.qualify(schema, "recommend_partition_changes") + "()")
                    .mapTo(Integer.class)
                    .one();
            return handle.createQuery(open() + " ORDER BY topic_name")
                    .map((row, context) -> change(row))
                    .list();
        });
    }

    Optional<Change> open(String topic) {
        return inTransaction(
                "topic_partition_changes",
                handle -> handle.createQuery(open() + " AND topic_name = :topic")
                        .bind("topic", topic)
                        .map((row, context) -> change(row))
                        .findOne());
    }

    List<String> script() {
        return inTransaction(
                "generate_partition_update_script",
                handle -> handle.createQuery(
                                "SELECT " + Identifier.qualify(schema, "generate_partition_update_script") + "()")
                        .mapTo(String.class)
                        .list());
    }

    /** Marks the open change of a topic as applied, unless it asks for more partitions than the topic has by now. */
    void markApplied(String topic, int partitions) {
        inTransaction("mark_partition_changes_applied", handle -> {
            Optional<Integer> wanted = handle.createQuery("SELECT recommended_partitions FROM " + changes
                            + " WHERE NOT applied AND topic_name = :topic FOR UPDATE")
                    .bind("topic", topic)
                    .mapTo(Integer.class)
                    .findOne();
            if (wanted.isPresent() && wanted.get() <= partitions) {
                handle.createQuery(
                                "SELECT " + Identifier.qualify(schema, "mark_partition_changes_applied") + "(:topic)")
                        .bind("topic", topic)
                        .mapTo(Integer.class)
                        .one();
            }
            return wanted;
        });
    }

    private String open() {
        return "SELECT topic_name, current_partitions, recommended_partitions, reason, created_at FROM " + changes
                + " WHERE NOT applied";
    }

    private static Change change(ResultSet row) throws SQLException {
        return new Change(
                row.getString("topic_name"),
                row.getInt("current_partitions"),
                row.getInt("recommended_partitions"),
                row.getString("reason"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private <R> R inTransaction(String what, Function<Handle, R> work) {
        return transactions.call(what, connection -> Jdbi.create(connection).withHandle(handle -> work.apply(handle)));
    }
}
