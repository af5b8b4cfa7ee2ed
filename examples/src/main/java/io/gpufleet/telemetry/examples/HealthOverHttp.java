package io.gpufleet.telemetry.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Status;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How does an orchestrator see the consumer's health? {@code /live} answers 503 once the consumer has stopped, which a
 * restart repairs. {@code /ready} answers 503 while a database, broker or topic does not answer, which a restart does
 * not repair; a consumer that is only behind is ready. Both answer at once, even before the consumer has started.
 */
public final class HealthOverHttp {
    private static final int WELL = 200;
    private static final int UNAVAILABLE = 503;
    private static final Health STARTING =
            Health.of(new Health.Trouble(Health.Concern.START, "the consumer has not started yet"));

    private HealthOverHttp() {}

    /**
     * Consumes until the process ends, or the consumer fails.
     *
     * @param arguments the brokers to ask first, the JDBC URL of the database, the port of the two paths, and the
     *     address to bind: 0.0.0.0 in a container whose probes come from outside
     * @throws IOException if the port is taken
     */
    public static void main(String[] arguments) throws IOException {
        Arguments.require(arguments, HealthOverHttp.class, "<brokers>", "<JDBC URL>", "<port>", "[<address>]");
        AtomicReference<@Nullable BatchingConsumer> running = new AtomicReference<>();
        String address = arguments.length > 3 ? arguments[3] : "127.0.0.1";
        HttpServer http =
                serve(() -> health(running.get()), new InetSocketAddress(address, Arguments.port(arguments[2])));
        System.out.println("health on port " + http.getAddress().getPort());
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[1]);
        pool.setMaximumPoolSize(3); // one for each lane, and two
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.create(database).install();
            var builder = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database));
            try (var consumer =
                    builder.bootstrapServers(arguments[0]).closeOnShutdown().start()) {
                running.set(consumer);
                consumer.termination().join();
            }
        } finally {
            http.stop(0);
        }
    }

    private static Health health(@Nullable BatchingConsumer consumer) {
        return consumer == null ? STARTING : consumer.health();
    }

    /** Serves both paths; port 0 stands for any free port. */
    static HttpServer serve(Supplier<Health> health, InetSocketAddress address) throws IOException {
        HttpServer http = Arguments.server(address);
        http.createContext("/live", request -> answer(request, health.get(), now -> now.status() != Status.DOWN));
        http.createContext("/ready", request -> answer(request, health.get(), Health::isReady));
        http.start();
        return http;
    }

    private static void answer(HttpExchange request, Health health, Predicate<Health> isWell) throws IOException {
        String text = health.status() + "\n" + String.join("\n", health.reasons());
        byte[] page = text.strip().concat("\n").getBytes(StandardCharsets.UTF_8);
        request.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        request.sendResponseHeaders(isWell.test(health) ? WELL : UNAVAILABLE, page.length);
        try (OutputStream body = request.getResponseBody()) {
            body.write(page);
        }
    }
}
