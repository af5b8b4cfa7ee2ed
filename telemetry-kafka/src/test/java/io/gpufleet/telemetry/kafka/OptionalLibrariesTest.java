package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.gpufleet.telemetry.kafka.metrics.TracingSink;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Only the classes made for Micrometer and OpenTelemetry need these libraries. */
class OptionalLibrariesTest {
    private static final Set<String> NEED_MICROMETER =
            Set.of("MicrometerTelemetry", "EventMeters", "LagGauges", "StallGauges");
    private static final Set<String> NEED_OPENTELEMETRY = Set.of("TracingSink", "BatchTracer", "TraceHeaders");

    @Test
    void noOtherClass_namesThem() throws IOException, URISyntaxException {
        for (Path file : classFiles()) {
            String outer = file.getFileName().toString().split("[.$]", -1)[0];
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);

            assertThat(bytes.contains("io/micrometer/")).as(outer).isEqualTo(NEED_MICROMETER.contains(outer));
            if (!NEED_OPENTELEMETRY.contains(outer)) {
                assertThat(bytes).as(outer).doesNotContain("io/opentelemetry/");
            }
        }
    }

    private static List<Path> classFiles() throws IOException, URISyntaxException {
        URI classes = location(BatchingConsumer.class).toURI();
        try (Stream<Path> files = Files.walk(Path.of(classes))) {
            return files.filter(file -> file.toString().endsWith(".class")).toList();
        }
    }

    private static URL location(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    @Test
    void consumer_isBuiltWithoutThem() throws Exception {
        try (WithoutThem loader = new WithoutThem()) {
            Class<?> host = loader.loadClass(Host.class.getName());

            assertThat(host).isNotSameAs(Host.class);
            host.getDeclaredConstructor().newInstance();
        }
    }

    @Test
    void classesMadeForThem_areNotUsableWithoutThem() throws IOException {
        try (WithoutThem loader = new WithoutThem()) {
            for (Class<?> type : List.of(MicrometerTelemetry.class, TracingSink.class)) {
                assertThatExceptionOfType(NoClassDefFoundError.class)
                        .isThrownBy(() -> loader.loadClass(type.getName()).getDeclaredMethods());
            }
        }
    }

    /** A host that builds a consumer up to the Kafka client, which refuses a setting, and dispatches events. */
    public static final class Host {
        public Host() {
            Events events = new Events(List.of(event -> {}));
            events.on(new TelemetryEvent.TombstonesSkipped(1));
            BatchingConsumer.Builder<String> builder = BatchingConsumer.builder(new TextCodec(), new FakeSink())
                    .bootstrapServers("localhost:1")
                    .topics("t")
                    .groupId("g")
                    .listener(events)
                    .overrides(Map.of("max.poll.records", "many"));
            assertThatExceptionOfType(TelemetryException.class)
                    .isThrownBy(builder::start)
                    .withMessageContaining("max.poll.records");
        }
    }

    /** A loader that loads the SDK's classes once more, and delegates everything else but the two libraries. */
    private static final class WithoutThem extends URLClassLoader {
        WithoutThem() {
            super(
                    Stream.of(BatchingConsumer.class, TelemetryEvent.class, Host.class)
                            .map(OptionalLibrariesTest::location)
                            .toArray(URL[]::new),
                    OptionalLibrariesTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (Stream.of("io.micrometer.", "io.opentelemetry.").anyMatch(name::startsWith)) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.gpufleet.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }
}
