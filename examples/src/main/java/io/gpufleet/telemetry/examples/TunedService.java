package io.gpufleet.telemetry.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/**
 * How is a running service tuned from the database, and watched? Two services consume a topic each. Each has a row in
 * {@code pipeline_consumer_configs}, applies its changes while it runs, reports into the database, and shows its meters
 * to Prometheus at {@code /metrics}.
 */
public final class TunedService implements AutoCloseable {
    /** The names of the services; each consumes the topic of its name. */
    public static final String EAST = "heartbeats-east";

    /** The second service, like {@link #EAST}. */
    public static final String WEST = "heartbeats-west";

    /**
     * The size of the pool: for each service its lane, two beside it and one for its monitor; and two for the settings.
     */
    private static final int CONNECTIONS = 10;

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<BatchingConsumer> consumers = new ArrayList<>();
    private final HttpServer http;

    /** The closings of the opened resources, the last first. */
    private final Deque<Runnable> closings = new ArrayDeque<>();

    /**
     * Starts both services, or none.
     *
     * @param bootstrapServers the brokers to ask first
     * @param jdbcUrl the database
     * @param address the address of the meters; port 0 stands for any free port
     * @throws IOException if the port is taken
     */
    public TunedService(String bootstrapServers, String jdbcUrl, InetSocketAddress address) throws IOException {
        this.http = Arguments.server(address);
        http.createContext("/metrics", this::showMeters);
        http.start();
        closings.push(() -> http.stop(0));
        try {
            start(bootstrapServers, jdbcUrl);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void start(String bootstrapServers, String jdbcUrl) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(jdbcUrl);
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        HikariDataSource database = new HikariDataSource(pool);
        closings.push(database::close);
        TelemetrySchema.create(database).install();
        ConsumerConfigLoader settings = ConsumerConfigLoader.create(database);
        closings.push(settings::close);
        for (String service : List.of(EAST, WEST)) {
            start(service, bootstrapServers, database, settings);
        }
    }

    private void start(String service, String bootstrapServers, DataSource database, ConsumerConfigLoader settings) {
        ConsumerMonitor monitor = ConsumerMonitor.create(database, service);
        closings.push(monitor::close);
        BatchingConsumer consumer = HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                .bootstrapServers(bootstrapServers)
                .topics(service)
                .settings(settings, service)
                .closeOnShutdown()
                .listener(monitor)
                .listener(MicrometerTelemetry.builder(meters)
                        .tag("service", service)
                        .build())
                .start();
        closings.push(consumer::close);
        consumers.add(consumer);
    }

    private void showMeters(HttpExchange exchange) throws IOException {
        byte[] page = meters.scrape().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, page.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(page);
        }
    }

    /**
     * Returns the port of the meters.
     *
     * @return the port
     */
    public int port() {
        return http.getAddress().getPort();
    }

    /** Ends both services: writes their buffered records, leaves the groups, and closes the connections. */
    @Override
    public void close() {
        while (!closings.isEmpty()) {
            closings.pop().run();
        }
    }

    /**
     * Consumes until the process ends, or one of the services does.
     *
     * @param arguments the brokers to ask first, the JDBC URL of the database, the port of the meters, and the address
     *     to bind: 0.0.0.0 in a container that is scraped from outside
     * @throws IOException if the port is taken
     */
    public static void main(String[] arguments) throws IOException {
        Arguments.require(arguments, TunedService.class, "<brokers>", "<JDBC URL>", "<port>", "[<address>]");
        String address = arguments.length > 3 ? arguments[3] : "127.0.0.1";
        InetSocketAddress meters = new InetSocketAddress(address, Arguments.port(arguments[2]));
        try (TunedService services = new TunedService(arguments[0], arguments[1], meters)) {
            CompletableFuture.anyOf(services.consumers.stream()
                            .map(BatchingConsumer::termination)
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
    }
}
