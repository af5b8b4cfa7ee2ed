package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.RequiredSearch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, started in this JVM as its main method does. Thread-safe. */
final class RunningHost implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ConfigurableApplicationContext context;

    private RunningHost(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static RunningHost start(String... arguments) {
        return new RunningHost(SpringApplication.run(SpringBootHost.class, arguments));
    }

    /**
     * Returns the settings of an application for one topic and one database, on a free port of the loopback address.
     */
    static String[] arguments(TelemetryStack stack, PostgresDatabase database, String topic, String... more) {
        List<String> arguments = List.of(
                "--server.port=0",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--telemetry.bootstrap-servers=" + stack.bootstrapServers(),
                "--telemetry.topic=" + topic,
                "--telemetry.group=" + topic + "-group");
        return Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new);
    }

    HttpResponse<String> readiness() throws IOException, InterruptedException {
        return get("/actuator/health/readiness");
    }

    HttpResponse<String> liveness() throws IOException, InterruptedException {
        return get("/actuator/health/liveness");
    }

    HttpResponse<String> prometheus() throws IOException, InterruptedException {
        return get("/actuator/prometheus");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    long counted(String meter, String... tags) {
        return (long) meter(meter, tags).counter().count();
    }

    long timed(String meter) {
        return meter(meter).timer().count();
    }

    double summed(String meter) {
        return meter(meter).summary().totalAmount();
    }

    /** Returns the values of all gauges of a name. */
    List<Double> gauges(String meter) {
        return bean(MeterRegistry.class).find(meter).gauges().stream()
                .map(Gauge::value)
                .toList();
    }

    private RequiredSearch meter(String name, String... tags) {
        return bean(MeterRegistry.class).get(name).tags(tags);
    }

    <B> B bean(Class<B> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
