package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.HeartbeatQueries;
import io.gpufleet.telemetry.jdbc.query.UnknownClientException;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the page of questions, block by block, with a GPU that has a sample. */
@TelemetryStackTest
final class QueriesPageTest {
    private static final Pattern QUESTION = Pattern.compile("queries\\s*\\.(\\w+)\\(");

    private final Snippets page;

    QueriesPageTest() throws Exception {
        page = Snippets.of("docs/queries.md");
    }

    @Test
    void everyQuestion_hasAnExample() {
        Set<String> asked = page.blocks("java").stream()
                .flatMap(block -> QUESTION.matcher(block).results())
                .map(question -> question.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> questions = Stream.of(GpuQueries.class, HeartbeatQueries.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(asked).isEqualTo(questions);
    }

    @Test
    void examples_areAnswered(@TempDir Path classes, TelemetryStack stack) throws Exception {
        List<String> blocks = page.blocks("java");
        assertThat(blocks)
                .allSatisfy(
                        block -> assertThat(Snippets.complaints(block, classes)).isEmpty());
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        DataSource database = stored(stack, now, classes);
        try (URLClassLoader loader = Snippets.loader(classes)) {
            GpuQueries queries = (GpuQueries) run(loader, "Ask", database);
            for (String block : blocks) {
                String name = Snippets.nameOf(block);
                if (name.equals("AskMachines")) {
                    assertThat(failure(loader, name, database, "0".repeat(32)))
                            .isInstanceOf(UnknownClientException.class);
                } else if (!name.equals("Ask")) {
                    assertAnswered(name, answer(loader, name, queries, now));
                }
            }
        }
    }

    private static DataSource stored(TelemetryStack stack, Instant now, Path directory) throws Exception {
        DataSource database = stack.newDatabase().dataSource();
        TelemetrySchema.builder(database)
                .schema("telemetry")
                .heartbeats()
                .gpuSamples()
                .build()
                .install();
        store(database, now.minusSeconds(60), directory.resolve("first.txt"), 1_000);
        store(database, now, directory.resolve("second.txt"), 2_000);
        return database;
    }

    private static void store(DataSource database, Instant time, Path file, int millijoules) throws Exception {
        String labels = "{UUID=\"GPU-1\",gpu=\"0\",device=\"nvidia0\",Hostname=\"node-031\",namespace=\"ml\"} ";
        Files.writeString(
                file,
                "DCGM_FI_DEV_GPU_TEMP" + labels + "41\nDCGM_FI_DEV_XID_ERRORS" + labels
                        + "79\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" + labels + millijoules + "\n");
        SampleFiles.builder(
                        database,
                        GpuSampleSink.builder(database).schema("telemetry").build(),
                        ExpositionTextDecoder.create())
                .schema("telemetry")
                .scrapeTime(time)
                .build()
                .importFrom(file);
    }

    private static Object answer(ClassLoader loader, String name, GpuQueries queries, Instant now) throws Exception {
        return method(loader, name).getParameterCount() == 1
                ? run(loader, name, queries)
                : run(loader, name, queries, now);
    }

    private static void assertAnswered(String name, Object answer) {
        if (answer instanceof List<?> rows) {
            assertThat(rows).as(name).isNotEmpty();
        } else {
            assertThat(answer).as(name).isNotNull();
        }
    }

    private static Throwable failure(ClassLoader loader, String name, Object... arguments) throws Exception {
        try {
            return new AssertionError(run(loader, name, arguments));
        } catch (InvocationTargetException e) {
            return e.getCause();
        }
    }

    private static Object run(ClassLoader loader, String name, Object... arguments)
            throws ReflectiveOperationException {
        return method(loader, name).invoke(null, arguments);
    }

    private static Method method(ClassLoader loader, String name) throws ReflectiveOperationException {
        Method run = Arrays.stream(Class.forName(name, true, loader).getDeclaredMethods())
                .filter(method -> method.getName().equals("run"))
                .findFirst()
                .orElseThrow();
        run.setAccessible(true);
        return run;
    }
}
