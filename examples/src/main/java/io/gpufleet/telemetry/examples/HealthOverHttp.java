package io.gpufleet.telemetry.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How does an orchestrator see whether it is well? {@code /live} answers 503 once the consumer has stopped, which a
 * restart mends. {@code /ready} does so too while something that it needs does not answer, which a restart does not
 * mend.
 */
public final class HealthOverHttp {
    private static final int WELL = 200;
    private static final int UNAVAILABLE = 503;

    private HealthOverHttp() {}

    /**
     * Consumes until the process ends, or the consumer fails.
     *
     * @param arguments the brokers to ask first, the JDBC URL of the database, and the port of the two paths
     * @throws IOException if the port is taken
     */
    public static void main(String[] arguments) throws IOException {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[1]);
        pool.setMaximumPoolSize(3); // one for each lane, and two
        pool.setConnectionTimeout(5_000); // an absent database shows that soon
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.create(database).install();
            var builder = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database));
            try (var consumer = builder.bootstrapServers(arguments[0]).start()) {
                HttpServer http = serve(consumer::health, Integer.parseInt(arguments[2]));
                System.out.println("health on port " + http.getAddress().getPort());
                try {
                    consumer.termination().join();
                } finally {
                    http.stop(0);
                }
            }
        }
    }

    /** Serves both paths on the loopback address; port 0 is any that is free. */
    static HttpServer serve(Supplier<Health> health, int port) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        http.createContext("/live", request -> answer(request, health.get(), now -> now != Health.Status.DOWN));
        http.createContext("/ready", request -> answer(request, health.get(), now -> now == Health.Status.UP));
        http.start();
        return http;
    }

    private static void answer(HttpExchange request, Health health, Predicate<Health.Status> isWell)
            throws IOException {
        String text = health.status() + "\n" + String.join("\n", health.reasons());
        byte[] page = text.strip().concat("\n").getBytes(StandardCharsets.UTF_8);
        request.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        request.sendResponseHeaders(isWell.test(health.status()) ? WELL : UNAVAILABLE, page.length);
        try (OutputStream body = request.getResponseBody()) {
            body.write(page);
        }
    }
}
