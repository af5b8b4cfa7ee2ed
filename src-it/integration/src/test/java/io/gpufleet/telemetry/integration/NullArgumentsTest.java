package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingsSource;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEventValidator;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.TunedConsumer;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.producer.TelemetryPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A null argument of any public method is refused with the name of the parameter. */
final class NullArgumentsTest {
    private static final String OURS = "io.gpufleet.telemetry";
    private static final Set<String> PACKAGES = Set.of(
            OURS,
            OURS + ".gpu",
            OURS + ".heartbeat",
            OURS + ".config",
            OURS + ".codec",
            OURS + ".kafka",
            OURS + ".jdbc");
    private static final PGSimpleDataSource DATABASE = new PGSimpleDataSource();

    /** A call with a null in the place of a parameter. */
    private record Call(@Nullable Object target, Executable called, int parameter) {
        @Nullable
        Throwable failure() {
            Class<?>[] types = called.getParameterTypes();
            Object[] arguments = IntStream.range(0, types.length)
                    .mapToObj(i -> i == parameter ? null : SAMPLES.get(types[i]))
                    .toArray();
            return catchThrowable(() -> {
                try {
                    ((Method) called).invoke(target, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }

        @Override
        public String toString() {
            return called.getDeclaringClass().getName() + "." + called.getName() + ", parameter " + parameter;
        }
    }

    private static final Map<Class<?>, Object> SAMPLES = samples();

    private static Map<Class<?>, Object> samples() {
        Map<Class<?>, Object> samples = new HashMap<>();
        List.of("a", 1, 1L, 1.0, true, Duration.ofSeconds(1), Instant.EPOCH, BincodeHeartbeatCodec.fixed())
                .forEach(sample -> samples.put(sample.getClass(), sample));
        samples.put(int.class, 1);
        samples.put(long.class, 1L);
        samples.put(double.class, 0.5);
        samples.put(boolean.class, true);
        samples.put(Map.class, Map.of());
        samples.put(List.class, List.of("a"));
        samples.put(Set.class, Set.of());
        samples.put(DataSource.class, DATABASE);
        samples.put(Codec.class, BincodeHeartbeatCodec.fixed());
        samples.put(SettingsSource.class, source());
        samples.put(ConsumerSetting.class, ConsumerSetting.BATCH_MAX_RECORDS);
        samples.put(Object.class, 1);
        samples.put(Deserializer.class, new StringDeserializer());
        return samples;
    }

    private static SettingsSource source() {
        return ConsumerSettings::defaults;
    }

    private static Stream<Object> builders() {
        return Stream.of(
                BatchingConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(DATABASE)),
                DeadLetterTopic.builder("a:1", "g"),
                GpuSamplePublisher.builder("a:1"),
                HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), "a:1"),
                TelemetryPublisher.builder(BincodeHeartbeatCodec.fixed(), "a:1", "t"),
                TopicCatalogue.builder("a:1"),
                TopicInstaller.builder("a:1", "t"),
                TunedConsumer.builder(new StringDeserializer(), new StringDeserializer(), source(), "s"),
                ConsumerConfigLoader.builder(DATABASE),
                ConsumerMonitor.builder(DATABASE, "s"),
                DeadLetterReplayer.builder(DATABASE, "g"),
                HeartbeatSink.builder(DATABASE),
                PostgresSink.builder(DATABASE),
                PostgresTable.<String>builder("t"),
                RetentionJob.builder(DATABASE),
                TelemetrySchema.builder(DATABASE),
                ConsumerSettings.builder("s"),
                BatchPolicy.builder(),
                RetryPolicy.builder(),
                SampleFiles.builder(DATABASE, GpuSampleSink.create(DATABASE), SampleCsvDecoder.create()),
                FailurePolicy.builder(),
                AlarmPolicy.builder(),
                HeartbeatValidator.builder(),
                GpuSubject.builder("a"),
                MetricEvent.builder(MetricEvent.Gpu.of("a"), MetricEvent.Host.of("a")),
                GpuSampleValidator.builder(),
                MetricEventValidator.builder());
    }

    private static Stream<Call> ofBuilders() {
        return builders()
                .flatMap(builder -> Arrays.stream(builder.getClass().getMethods())
                        .filter(method -> method.getDeclaringClass() == builder.getClass())
                        .flatMap(method -> nulls(builder, method)));
    }

    private static Stream<Call> ofFactories() {
        return new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests()).importPackages(OURS).stream()
                        .filter(type -> PACKAGES.contains(type.getPackageName()))
                        // Their libraries are optional, and missing here.
                        .filter(type ->
                                !Set.of("MicrometerTelemetry", "TracingSink").contains(type.getSimpleName()))
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && !type.isEnum())
                        .map(JavaClass::reflect)
                        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                        .filter(method ->
                                Modifier.isStatic(method.getModifiers()) && Modifier.isPublic(method.getModifiers()))
                        .flatMap(method -> nulls(null, method));
    }

    private static Stream<Call> nulls(@Nullable Object target, Method method) {
        AnnotatedType[] types = method.getAnnotatedParameterTypes();
        return IntStream.range(0, types.length)
                .filter(i ->
                        !method.getParameterTypes()[i].isPrimitive() && !types[i].isAnnotationPresent(Nullable.class))
                // Earlier parameters need values, or they are named first.
                .filter(i -> Arrays.stream(method.getParameterTypes(), 0, i).allMatch(SAMPLES::containsKey))
                .mapToObj(i -> new Call(target, method, i));
    }

    @Test
    void aNull_isNamedAtOnce() {
        List<Call> calls = Stream.concat(ofBuilders(), ofFactories()).toList();

        assertThat(calls).hasSizeGreaterThan(100);
        assertThat(calls.stream()
                        .map(call -> call + ": " + call.failure())
                        .filter(said -> !said.matches("(?s).*: java.lang.NullPointerException: [a-z]\\w*"))
                        .toList())
                .isEmpty();
    }
}
