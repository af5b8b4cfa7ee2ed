package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A carefully written Spring service: a batch listener of spring-kafka, and for each poll one transaction of five calls
 * of {@code JdbcTemplate.batchUpdate}, which the driver rewrites into statements of many rows. No such statement may
 * touch a row twice, so a batch ends before the second heartbeat of a client. Offsets are committed after the
 * transaction: at least once, and repeated deliveries count again.
 */
final class SpringBatch implements Contestant {
    static final String NAME = "Spring";

    /** The setting of the driver, as part of its URL. */
    static final String REWRITTEN = "&reWriteBatchedInserts=true";

    private final int concurrency;
    private final boolean foldsFirst;

    private SpringBatch(int concurrency, boolean foldsFirst) {
        this.concurrency = concurrency;
        this.foldsFirst = foldsFirst;
    }

    /** Returns the service that writes one row per heartbeat into each table, as usual. */
    static SpringBatch plain(int concurrency) {
        return new SpringBatch(concurrency, false);
    }

    /** Returns the service that first folds the rows of one client, as the product does. */
    static SpringBatch folding(int concurrency) {
        return new SpringBatch(concurrency, true);
    }

    @Override
    public String name() {
        return foldsFirst ? NAME + ", folding" : NAME;
    }

    @Override
    public String settings() {
        return concurrency + " threads, batches of a poll";
    }

    @Override
    public String details() {
        return "spring-kafka " + version(BatchMessageListener.class) + ", spring-jdbc " + version(JdbcTemplate.class)
                + ", reWriteBatchedInserts=true, HikariCP, client " + BacklogSettings.CLIENT;
    }

    private static String version(Class<?> type) {
        return String.valueOf(type.getPackage().getImplementationVersion());
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException, SQLException {
        try (Database database = stage.newDatabase(concurrency, REWRITTEN)) {
            Figures figures = measure(stage, new Writer(database.pool(), foldsFirst));
            Contents.ofAll(stage.backlog()).requireAtLeastIn(database, name());
            return figures;
        }
    }

    private Figures measure(Stage stage, Writer writer) throws InterruptedException {
        Measurement measurement = stage.measure(stage.backlog().records());
        CompletableFuture<Void> failure = new CompletableFuture<>();
        ContainerProperties properties = new ContainerProperties(stage.backlog().topic());
        properties.setMessageListener(listener(measurement, writer, failure));
        var container = new ConcurrentMessageListenerContainer<byte[], byte[]>(
                new DefaultKafkaConsumerFactory<>(
                        PlainClient.settings(stage), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                properties);
        container.setConcurrency(concurrency);
        container.start();
        try {
            return measurement.await(failure);
        } finally {
            container.stop();
        }
    }

    private static BatchMessageListener<byte[], byte[]> listener(
            Measurement measurement, Writer writer, CompletableFuture<Void> failure) {
        Progress progress = new Progress();
        return records -> {
            measurement.begin();
            try {
                writer.write(records.stream().map(PlainClient::delivery).toList());
            } catch (RuntimeException e) {
                failure.completeExceptionally(e);
                throw e;
            }
            measurement.done(progress.advance(records));
        };
    }

    /** The writer of the records of a poll. Thread-safe. */
    private static final class Writer {
        private final JdbcTemplate jdbc;
        private final TransactionTemplate transactions;
        private final boolean foldsFirst;

        Writer(DataSource source, boolean foldsFirst) {
            this.foldsFirst = foldsFirst;
            this.jdbc = new JdbcTemplate(source);
            this.transactions = new TransactionTemplate(new DataSourceTransactionManager(source));
        }

        void write(List<Delivery<Heartbeat>> deliveries) {
            List<List<Delivery<Heartbeat>>> batches =
                    foldsFirst ? List.of(deliveries) : DistinctClients.runs(deliveries);
            transactions.executeWithoutResult(
                    status -> batches.forEach(batch -> RowSql.rows(batch).forEach(jdbc::batchUpdate)));
        }
    }
}
