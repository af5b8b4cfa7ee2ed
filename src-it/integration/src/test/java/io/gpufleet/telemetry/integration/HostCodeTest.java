package io.gpufleet.telemetry.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The classes that call the host's code. {@code docs/rationale.md} lists the effect of an exception; a class that is
 * new here needs a row there.
 */
class HostCodeTest {
    private static final String OURS = "io.gpufleet.telemetry.";
    /** The classes that call each type that a host implements or provides. */
    private static final Map<String, Set<String>> CALLERS = callers();

    private static Map<String, Set<String>> callers() {
        Map<String, Set<String>> callers = new HashMap<>();
        callers.put(OURS + "Codec", Set.of("Codec", "TelemetryPublisher"));
        callers.put(OURS + "Decoder", Set.of("AssetChangeDecoder", "Decoder", "GpuAssets", "RecordReader"));
        callers.put(OURS + "EventTime", Set.of("RecordReader"));
        callers.put(OURS + "Validator", Set.of("RecordReader", "Batch", "Steps"));
        callers.put(OURS + "Enricher", Set.of("Batch"));
        callers.put(OURS + "Aggregator", Set.of("Aggregator", "Fold", "FoldedDays", "NewestStates", "Recompute"));
        callers.put(OURS + "Sink", Set.of("AtLeastOnceSink", "FileImport", "HourMove", "Target", "TracingSink"));
        callers.put(
                OURS + "TransactionalSink",
                Set.of(
                        "BatchWriter",
                        "BatchingConsumer",
                        "ClusterMoves",
                        "ConsumerRuntime",
                        "PositionResolver",
                        "PostgresSink",
                        "TracingSink"));
        callers.put(OURS + "DeadLetterSink", Set.of("AtLeastOnceSink", "DeadLetterReplayer"));
        callers.put(OURS + "TelemetryListener", Set.of("TelemetryListener", "GuardedListener"));
        callers.put(OURS + "kafka.internal.ClientObserver", Set.of("ClientObserver"));
        callers.put(OURS + "config.SettingsSource", Set.of("SettingsReader", "TunedConsumer"));
        callers.put(OURS + "TopicCluster", Set.of("PartitionAdvisor"));
        callers.put(OURS + "jdbc.TransactionHook", Set.of("HookStep"));
        callers.put(OURS + "jdbc.OutcomeHook", Set.of("OwnPositions"));
        callers.put("javax.sql.DataSource", Set.of("Transactions", "ClosedPool", "ConfigListener", "PoolSettings"));
        callers.put("io.micrometer.core", Set.of("MicrometerTelemetry", "EventMeters", "LagGauges", "StallGauges"));
        callers.put("io.opentelemetry", Set.of("BatchTracer"));
        return callers;
    }

    private static JavaClasses modules() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.gpufleet.telemetry")
                .that(resideOutsideOfPackages("..testkit..", "..examples.."));
    }

    @Test
    void hostCode_isCalledByTheClassesThatKnowItsRule() {
        Map<String, Set<String>> found = new HashMap<>();
        calls(modules())
                .forEach(call -> found.computeIfAbsent(call.owner(), owner -> new HashSet<>())
                        .add(call.caller()));

        assertThat(found.keySet()).as("what is called at all").isEqualTo(CALLERS.keySet());
        assertThat(found)
                .allSatisfy((owner, callers) ->
                        assertThat(CALLERS.get(owner)).as("what calls " + owner).containsAll(callers));
    }

    /** The scope of the test: a listener whose exceptions are not expected at the call. */
    private static final class Careless {
        private final TelemetryListener listener = TelemetryListener.none();

        @SuppressWarnings("unused") // inspected, not called
        void tell(TelemetryEvent event) {
            List.of(event).forEach(listener::on);
        }
    }

    @Test
    void call_isFoundAlsoInALambda() {
        assertThat(calls(new ClassFileImporter().importClasses(Careless.class)))
                .containsExactly(new Call(OURS + "TelemetryListener", "HostCodeTest"));
    }

    private record Call(String owner, String caller) {}

    private static Set<Call> calls(JavaClasses classes) {
        return classes.stream()
                .flatMap(HostCodeTest::accesses)
                .flatMap(access -> owner(access).stream().map(owner -> new Call(owner, outermost(access))))
                .collect(toSet());
    }

    private static Stream<JavaAccess<?>> accesses(JavaClass javaClass) {
        return Stream.concat(
                javaClass.getMethodCallsFromSelf().stream(), javaClass.getMethodReferencesFromSelf().stream());
    }

    /** Returns the entry of a call; static methods are the SDK's own. */
    private static Optional<String> owner(JavaAccess<?> access) {
        String name = access.getTargetOwner().getName();
        boolean isStatic = access.getTarget().resolveMember().stream()
                .anyMatch(member -> member.getModifiers().contains(JavaModifier.STATIC));
        return CALLERS.keySet().stream()
                .filter(entry -> !isStatic && (name.equals(entry) || name.startsWith(entry + ".")))
                .filter(entry -> !name.startsWith(OURS) || name.equals(entry))
                .findFirst();
    }

    private static String outermost(JavaAccess<?> access) {
        String name = access.getOriginOwner().getName();
        String simple = name.substring(name.lastIndexOf('.') + 1);
        return simple.split("\\$", 2)[0];
    }
}
