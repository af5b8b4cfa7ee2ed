package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.LineProtocolDecoder;
import io.gpufleet.telemetry.codec.MetricEventJsonCodec;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.SettingEffect;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.gpu.MetricEventValidator;
import io.gpufleet.telemetry.gpu.WorkloadLabels;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.jdbc.gpu.GpuAssetEnricher;
import io.gpufleet.telemetry.jdbc.gpu.GpuAssets;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.HeartbeatQueries;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.TunedConsumer;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.kafka.producer.GpuAssetPublisher;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.producer.TelemetryPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The page of all settings matches the code. */
final class SettingsPageTest {
    private static final Map<SettingEffect, String> EFFECTS = Map.of(
            SettingEffect.NEXT_BATCH, "live, with the next batch",
            SettingEffect.NEW_CLIENT, "live, with a new client",
            SettingEffect.NEXT_START, "restart",
            SettingEffect.IGNORED, "never");

    /** The methods that end the use of a builder. */
    private static final Set<String> NO_OPTIONS = Set.of("build", "start", "install");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(.*) \\|$");

    /** The smallest value or an exclusive lower bound, and the largest value. */
    private static final Pattern RANGE = Pattern.compile(
            "(?<above>more than )?(?<min>\\d+)(?: (?<minUnit>ns|ms|s|h))?(?: to (?<max>\\d+)(?: (?<maxUnit>s|h))?| or more)?");

    private static final Map<String, Duration> UNITS = Map.of(
            "d", Duration.ofDays(1),
            "h", Duration.ofHours(1),
            "min", Duration.ofMinutes(1),
            "s", Duration.ofSeconds(1),
            "ms", Duration.ofMillis(1),
            "ns", Duration.ofNanos(1));

    /** An option of a builder, as a row of the page. */
    record Option(String owner, String name, String types, String defaultValue, String range) {
        String signature() {
            return name + "(" + types + ")";
        }
    }

    /** Stands for a builder that is too costly to create here. */
    private static final Object NONE = "";

    /** Returns the classes whose options are on the page; with a builder, if its defaults and limits can be tried. */
    private static Map<Class<?>, Object> builders() {
        return Map.ofEntries(
                Map.entry(BatchingConsumer.class, BatchingConsumer.builder(BincodeHeartbeatCodec.fixed(), batch -> {})),
                Map.entry(BatchPolicy.class, BatchPolicy.builder()),
                Map.entry(RetryPolicy.class, RetryPolicy.builder()),
                Map.entry(FailurePolicy.class, FailurePolicy.builder()),
                Map.entry(AlarmPolicy.class, AlarmPolicy.builder()),
                Map.entry(SampleDecoderBuilder.class, ExpositionTextDecoder.builder()),
                Map.entry(ExpositionTextDecoder.class, ExpositionTextDecoder.builder()),
                Map.entry(LineProtocolDecoder.class, LineProtocolDecoder.builder()),
                Map.entry(MetricEventJsonCodec.class, MetricEventJsonCodec.builder()),
                Map.entry(BincodeHeartbeatCodec.class, BincodeHeartbeatCodec.builder()),
                Map.entry(HeartbeatValidator.class, HeartbeatValidator.builder()),
                Map.entry(GpuSampleValidator.class, GpuSampleValidator.builder()),
                Map.entry(MetricEventValidator.class, MetricEventValidator.builder()),
                Map.entry(WorkloadLabels.class, WorkloadLabels.builder()),
                Map.entry(GpuAssetEnricher.class, GpuAssetEnricher.builder(GpuAssets.create(new PGSimpleDataSource()))),
                Map.entry(PostgresSink.class, PostgresSink.builder(new PGSimpleDataSource())),
                Map.entry(TelemetrySchema.class, TelemetrySchema.builder(new PGSimpleDataSource())),
                Map.entry(RetentionJob.class, RetentionJob.builder(new PGSimpleDataSource())),
                Map.entry(CompactionJob.class, CompactionJob.builder(new PGSimpleDataSource())),
                Map.entry(GpuQueries.class, GpuQueries.builder(new PGSimpleDataSource())),
                Map.entry(HeartbeatQueries.class, HeartbeatQueries.builder(new PGSimpleDataSource())),
                Map.entry(
                        SampleTables.class,
                        SampleTables.builder(
                                new PGSimpleDataSource(),
                                GpuSampleSink.create(new PGSimpleDataSource()),
                                ExpositionTextDecoder.create())),
                Map.entry(ConsumerConfigLoader.class, ConsumerConfigLoader.builder(new PGSimpleDataSource())),
                Map.entry(ConsumerMonitor.class, ConsumerMonitor.builder(new PGSimpleDataSource(), "service")),
                Map.entry(PartitionAdvisor.class, NONE),
                Map.entry(DeadLetterReplayer.class, DeadLetterReplayer.builder(new PGSimpleDataSource(), "group")),
                Map.entry(
                        SampleFiles.class,
                        SampleFiles.builder(
                                new PGSimpleDataSource(),
                                GpuSampleSink.create(new PGSimpleDataSource()),
                                SampleCsvDecoder.create())),
                Map.entry(TelemetryPublisher.class, NONE),
                Map.entry(HeartbeatPublisher.class, NONE),
                Map.entry(GpuAssetPublisher.class, NONE),
                Map.entry(GpuSamplePublisher.class, GpuSamplePublisher.builder("localhost:9092")),
                Map.entry(DeadLetterTopic.class, DeadLetterTopic.builder("localhost:9092", "group")),
                Map.entry(TopicInstaller.class, TopicInstaller.builder("localhost:9092", "topic")),
                Map.entry(TopicCatalogue.class, TopicCatalogue.builder("localhost:9092")),
                Map.entry(TunedConsumer.class, NONE),
                Map.entry(MicrometerTelemetry.class, NONE));
    }

    private static String page() throws IOException {
        return Page.of(Snippets.ROOT.resolve("docs/settings.md")).text();
    }

    /** Returns the rows between a heading and the next one. */
    private static List<String> rows(String heading) throws IOException {
        String[] parts = page().split("(?m)^#{2,3} " + Pattern.quote(heading) + "$", 2);
        assertThat(parts).as("a heading " + heading).hasSize(2);
        return ROW.matcher(parts[1].split("(?m)^#", 2)[0])
                .results()
                .map(MatchResult::group)
                .toList();
    }

    static Stream<Class<?>> owners() {
        return builders().keySet().stream();
    }

    static List<Option> options() throws IOException {
        List<Option> all = new ArrayList<>();
        for (Class<?> owner : builders().keySet()) {
            for (String row : rows("`" + owner.getSimpleName() + "`")) {
                String[] cells = row.substring(2).split(" \\| ", -1);
                all.add(new Option(
                        owner.getSimpleName(),
                        cells[0].replace("`", ""),
                        cells[1].strip(),
                        cells[2].strip(),
                        cells[3].strip()));
            }
        }
        return all;
    }

    @Test
    void rows_areThoseOfConsumerSetting() throws IOException {
        List<String> expected = Arrays.stream(ConsumerSetting.values())
                .map(setting -> String.join(
                        " | ",
                        "| `" + setting.column() + "`",
                        setting.kafkaName().map(name -> "`" + name + "`").orElse(""),
                        setting.type().getSimpleName(),
                        setting.defaultValue().map(Object::toString).orElse("`<service>-consumer-group`"),
                        setting.allowed(),
                        EFFECTS.get(setting.effect()),
                        setting.meaning() + " |"))
                .toList();

        assertThat(rows("In a row of `pipeline_consumer_configs`")).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("owners")
    void options_areThoseOfTheBuilder(Class<?> owner) throws IOException {
        List<String> expected = Stream.concat(Stream.of(owner), Arrays.stream(owner.getDeclaredClasses()))
                .filter(type -> type.equals(SampleDecoderBuilder.class)
                        || type.getSimpleName().equals("Builder"))
                .flatMap(SettingsPageTest::optionsOf)
                .toList();

        assertThat(options())
                .filteredOn(option -> option.owner().equals(owner.getSimpleName()))
                .extracting(Option::signature)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private static Stream<String> optionsOf(Class<?> builder) {
        return Arrays.stream(builder.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !NO_OPTIONS.contains(method.getName()))
                .map(SettingsPageTest::signature);
    }

    /** A decoder with no options but the common ones needs no heading. */
    @Test
    void decodersWithOptionsOfTheirOwn_areOnThePage() {
        assertThat(SampleDecoderBuilder.class.getPermittedSubclasses())
                .filteredOn(builder -> optionsOf(builder).findAny().isPresent())
                .extracting(Class::getDeclaringClass)
                .isNotEmpty()
                .isSubsetOf(builders().keySet());
    }

    private static String signature(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(type -> type.isArray() ? type.getComponentType().getSimpleName() + "..." : type.getSimpleName())
                .collect(Collectors.joining(", ", method.getName() + "(", ")"));
    }

    @Test
    void builders_areAllOnThePage() throws IOException {
        assertThat(Page.of(Snippets.ROOT.resolve("docs/settings.md")).headings())
                .filteredOn(heading -> heading.matches("`[A-Z]\\w+`"))
                .containsExactlyInAnyOrderElementsOf(builders().keySet().stream()
                        .map(owner -> "`" + owner.getSimpleName() + "`")
                        .toList());
    }

    @Test
    void numbersAndDurations_areTheDefaultsOfTheBuilders() throws Exception {
        int compared = 0;
        for (Option option : options()) {
            Object value = fieldOf(option);
            if (value instanceof Number || value instanceof Duration) {
                if (!option.name().equals("bufferBytes")) { // Depends on the heap.
                    assertThat(option.defaultValue()).as(option.toString()).isEqualTo(text(value));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(20);
    }

    private static Object fieldOf(Option option) throws IllegalAccessException {
        Object builder = builder(option);
        for (Field field : builder.getClass().getDeclaredFields()) {
            if (field.getName().equals(option.name())) {
                field.setAccessible(true);
                Object value = field.get(builder);
                return value instanceof Optional<?> some ? some.orElse(null) : value;
            }
        }
        return "no field of this name";
    }

    private static Object builder(Option option) {
        return builders().entrySet().stream()
                .filter(entry -> entry.getKey().getSimpleName().equals(option.owner()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static String text(Object value) {
        if (!(value instanceof Duration duration)) {
            return value.toString();
        }
        return Stream.of("d", "h", "min", "s", "ms")
                .filter(unit -> duration.toNanos() % UNITS.get(unit).toNanos() == 0)
                .map(unit -> duration.toNanos() / UNITS.get(unit).toNanos() + " " + unit)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void ranges_areWhatTheBuildersTake() throws Exception {
        int tried = 0;
        for (Option option : options()) {
            Matcher range = RANGE.matcher(option.range());
            if (range.matches() && !option.types().contains(",") && builder(option) != NONE) {
                boolean above = range.group("above") != null;
                assertTaken(option, range.group("min"), range.group("minUnit"), above ? 1 : 0);
                assertRefused(option, range.group("min"), range.group("minUnit"), above ? 0 : -1);
                if (range.group("max") != null) {
                    assertTaken(option, range.group("max"), range.group("maxUnit"), 0);
                    assertRefused(option, range.group("max"), range.group("maxUnit"), 1);
                }
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(20);
    }

    private static void assertTaken(Option option, String limit, String unit, int beyond) throws Exception {
        call(option, limit, unit, beyond);
    }

    private static void assertRefused(Option option, String limit, String unit, int beyond) {
        assertThatThrownBy(() -> call(option, limit, unit, beyond))
                .as(option + " of " + limit + " and " + beyond)
                .hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    /** Sets the option to a limit, or to a value just beyond. */
    private static void call(Option option, String limit, String unit, int beyond) throws Exception {
        Object builder = builder(option);
        Method setter = Arrays.stream(builder.getClass().getMethods())
                .filter(method -> signature(method).equals(option.signature()))
                .findFirst()
                .orElseThrow();
        long number = Long.parseLong(limit);
        Object value = switch (option.types()) {
            case "int" -> (int) number + beyond;
            case "long" -> number + beyond;
            case "double" -> (double) number + beyond;
            default -> UNITS.get(unit == null ? "s" : unit).multipliedBy(number).plusNanos(beyond);
        };
        setter.invoke(builder, value);
    }
}
