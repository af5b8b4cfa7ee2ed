package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** Streams of one topic in the container of the service, without the rest of it. Thread-safe. */
final class StreamServer implements AutoCloseable {
    static final StreamLimits QUICK = new StreamLimits(100, 20_000, 8 << 20, Duration.ofSeconds(2));

    private final Tomcat tomcat = new Tomcat();
    private final SampleStreams streams;

    private StreamServer(String bootstrapServers, String topic, StreamLimits limits) throws IOException {
        this.streams = new SampleStreams(
                new StreamTopic(bootstrapServers, topic, Map.of()),
                GpuSampleDecoder.detecting().build(),
                GpuSampleValidator.create(),
                limits);
        Path directory = Files.createTempDirectory("stream-server");
        tomcat.setBaseDir(directory.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("connectionTimeout", "2000");
        Context context = tomcat.addContext("", directory.toString());
        Tomcat.addServlet(context, "stream", new StreamServlet()).setAsyncSupported(true);
        context.addServletMappingDecoded("/", "stream");
    }

    static StreamServer start(String bootstrapServers, String topic, StreamLimits limits)
            throws IOException, LifecycleException {
        StreamServer server = new StreamServer(bootstrapServers, topic, limits);
        server.tomcat.start();
        server.streams.start();
        return server;
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    int clients() {
        return streams.clients();
    }

    SseClient connect() throws IOException {
        return connect("", "");
    }

    SseClient connect(String query, String lastId) throws IOException {
        return new SseClient(port(), query, lastId);
    }

    @Override
    public void close() throws LifecycleException {
        streams.close();
        tomcat.stop();
        tomcat.destroy();
    }

    /** Answers as the controller does. */
    private final class StreamServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String[] metrics = request.getParameterValues("metric");
            Set<String> names = Stream.of(metrics == null ? new String[0] : metrics)
                    .map(name -> GpuMetric.named(name).name())
                    .collect(Collectors.toSet());
            SampleFilter filter = new SampleFilter(Optional.ofNullable(request.getParameter("gpu")), names);
            try {
                streams.begin(
                        request,
                        response,
                        new StreamClient.Wish(filter, Optional.ofNullable(request.getHeader("Last-Event-ID"))));
            } catch (TooManyStreamsException e) {
                response.setStatus(503);
            }
        }
    }
}
