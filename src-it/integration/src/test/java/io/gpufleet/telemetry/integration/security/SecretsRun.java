package io.gpufleet.telemetry.integration.security;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.TunedConsumer;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.topic.KafkaTopicCluster;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import javax.sql.DataSource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A host whose every log line, exception and {@code toString} is searched for its passwords. */
final class SecretsRun {
    static final String TOPIC = "secrets";
    static final String WRITTEN = "written";
    static final String REPLACED = "replaced";
    static final String CONTROL = "c0ntrol/w+rd@3";

    private static final String WRONG = "wr0ng/w+rd@4";

    /** Kept, since an unreferenced logger forgets its level. */
    private static final java.util.logging.Logger DRIVER = java.util.logging.Logger.getLogger("org.postgresql");

    private static final Logger log = LoggerFactory.getLogger(SecretsRun.class);

    private final String servers;
    private final String url;
    private final Path trustStore;
    private final String storePassword;

    private SecretsRun(String[] arguments) {
        servers = arguments[0];
        url = arguments[1];
        trustStore = Path.of(arguments[2]);
        storePassword = System.getenv("STORE_PASSWORD");
    }

    static ForkedJvm start(SecuredServers servers) {
        return ForkedJvm.builder(SecretsRun.class)
                .jvmArguments(
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                        "-Dorg.slf4j.simpleLogger.log.io.gpufleet=trace")
                .environment("STORE_PASSWORD", servers.authority.storePassword())
                .arguments(
                        servers.broker.bootstrapServers(),
                        servers.url("localhost", servers.authority),
                        servers.authority.trustStore().toString())
                .start();
    }

    static Set<String> secrets(SecuredServers servers) {
        return Set.of(
                SecuredServers.PASSWORD, SecuredServers.DATABASE_PASSWORD, WRONG, servers.authority.storePassword());
    }

    public static void main(String[] arguments) throws Exception {
        DRIVER.setLevel(Level.FINE);
        Handler console = new ConsoleHandler();
        console.setLevel(Level.FINE);
        DRIVER.addHandler(console);
        Secrets.forms(CONTROL).forEach(form -> log.trace("On purpose: {}", form));
        SecretsRun run = new SecretsRun(arguments);
        run.fail();
        run.consume();
    }

    /** Runs every fault of a secret. */
    private void fail() {
        DataSource right = source(SecuredServers.DATABASE_PASSWORD);
        Map<String, Object> client = client(SecuredServers.PASSWORD);
        show(() -> consumer(client(WRONG), right).start());
        show(() -> consumer(client, source(WRONG)).start());
        show(() -> consumer(client, pool(WRONG)).start());
        Map<String, Object> broken = new HashMap<>(client);
        String jaas = SecuredServers.jaas(SecuredServers.USER, WRONG);
        broken.put("sasl.jaas.config", "ScramLoginModule password=\"" + WRONG + "\" required;");
        show(() -> consumer(broken, right).start());
        broken.put("sasl.jaas.config", "ScramLoginModule " + WRONG + " required;");
        show(() -> consumer(broken, right).start());
        show(() -> TunedConsumer.builder(
                        new ByteArrayDeserializer(), new ByteArrayDeserializer(), ConsumerSettings::defaults, "tuned")
                .bootstrapServers(servers)
                .overrides(broken)
                .build());
        show(() -> publisher(broken));
        show(() -> DeadLetterTopic.builder(servers, "g").overrides(broken).build());
        show(() -> KafkaTopicCluster.create(servers, broken));
        show(() -> TopicInstaller.builder(servers, "t").overrides(broken).install());
        broken.put("sasl.jaas.config", CharBuffer.wrap(jaas));
        show(() -> consumer(broken, right).start());
        broken.put("sasl.jaas.config", jaas);
        broken.put("group.id", "g");
        show(() -> consumer(broken, right));
        broken.remove("group.id");
        broken.put("ssl.truststore.password", WRONG);
        show(() -> consumer(broken, right).start());
    }

    /** Prints the result: an object's text, or an exception with all its causes. */
    private static void show(Callable<Object> action) {
        try {
            System.out.println(action.call());
        } catch (Exception e) {
            log.error("As expected", e);
        }
    }

    private void consume() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch replaced = new CountDownLatch(1);
        try (HikariDataSource pool = pool(SecuredServers.DATABASE_PASSWORD);
                ConsumerConfigLoader loader = ConsumerConfigLoader.create(pool);
                ConsumerMonitor monitor = ConsumerMonitor.create(pool, TOPIC);
                BatchingConsumer consumer = consumer(client(SecuredServers.PASSWORD), pool)
                        .settings(loader, TOPIC)
                        .listener(monitor)
                        .listener(event -> {
                            log.trace("{}", event);
                            if (event instanceof TelemetryEvent.BatchWritten) {
                                written.countDown();
                            } else if (event instanceof TelemetryEvent.ClientReplaced) {
                                replaced.countDown();
                            }
                        })
                        .start()) {
            written.await();
            System.out.println(WRITTEN);
            replaced.await();
            log.trace("{} {} {} {}", consumer, consumer.settings(), consumer.health(), consumer.snapshot());
            log.trace("{} {} {}", loader, monitor, HeartbeatSink.create(pool));
            System.out.println(REPLACED);
            consumer.termination().join();
        } catch (CompletionException e) {
            log.error("As expected", e);
        }
    }

    private Map<String, Object> client(String password) {
        return SecuredServers.client(SecuredServers.USER, password, trustStore, storePassword);
    }

    private BatchingConsumer.Builder<Heartbeat> consumer(Map<String, ?> client, DataSource source) {
        BatchingConsumer.Builder<Heartbeat> builder = SecuredServers.consumer(servers, client, TOPIC, source);
        log.trace("{}", builder);
        return builder;
    }

    private HeartbeatPublisher publisher(Map<String, ?> client) {
        return HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), servers)
                .overrides(client)
                .build();
    }

    private DataSource source(String password) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        source.setUser(SecuredServers.ROLE);
        source.setPassword(password);
        return source;
    }

    private HikariDataSource pool(String password) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(SecuredServers.ROLE);
        config.setPassword(password);
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(3_000);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }
}
