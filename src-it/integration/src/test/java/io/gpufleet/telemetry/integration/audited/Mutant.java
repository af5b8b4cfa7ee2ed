package io.gpufleet.telemetry.integration.audited;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;

/**
 * A class that was changed, mostly one of the product without one of its guards, in a directory that goes before the
 * jars on a class path.
 *
 * @param className the class
 * @param directory where the changed class lies
 */
public record Mutant(String className, Path directory) {

    /** Positions that are not where a batch begins are not noticed. */
    public static Mutant withoutCompareAndSet(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.jdbc.Fence",
                "move",
                Set.class,
                directory,
                builder -> builder.visit(Advice.to(ReportsNone.class).on(named("move"))));
    }

    /** Records of an ended generation are written. */
    public static Mutant withoutGenerationCheck(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.kafka.Generation",
                "isStale",
                boolean.class,
                directory,
                builder -> builder.method(named("isStale")).intercept(FixedValue.value(false)));
    }

    /** Offsets that the SDK has committed look like those of another consumer. */
    public static Mutant withoutCommitMarks(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.kafka.CommitMark",
                "read",
                Optional.class,
                directory,
                builder -> builder.visit(Advice.to(ReturnsNothing.class).on(named("read"))));
    }

    /** The Kafka client lives by the {@link MovedClock}. */
    public static Mutant withJumpingClock(Path directory) throws ReflectiveOperationException, IOException {
        MemberSubstitution jumping = MemberSubstitution.relaxed()
                .method(named("currentTimeMillis"))
                .replaceWith(MovedClock.class.getMethod("currentTimeMillis"));
        return of(
                "org.apache.kafka.common.utils.SystemTime",
                "milliseconds",
                long.class,
                directory,
                builder -> builder.visit(jumping.on(named("milliseconds"))));
    }

    /** Finds a class without initializing it: some must not be the first of their library to be. */
    static Class<?> find(String className) throws ClassNotFoundException {
        return Class.forName(className, false, Mutant.class.getClassLoader());
    }

    private static Mutant of(
            String className,
            String method,
            Class<?> returned,
            Path directory,
            UnaryOperator<DynamicType.Builder<?>> change)
            throws ReflectiveOperationException, IOException {
        Class<?> guarded = find(className);
        assertThat(guarded.getDeclaredMethods())
                .filteredOn(declared -> declared.getName().equals(method))
                .singleElement()
                .satisfies(declared -> assertThat(declared.getReturnType()).isEqualTo(returned));
        DynamicType.Unloaded<?> unchanged = new ByteBuddy().redefine(guarded).make();
        DynamicType.Unloaded<?> changed =
                change.apply(new ByteBuddy().redefine(guarded)).make();
        assertThat(changed.getBytes()).isNotEqualTo(unchanged.getBytes());
        changed.saveIn(directory.toFile());
        return new Mutant(className, directory);
    }

    /** What becomes part of the changed method, behind its last line. */
    private static final class ReturnsNothing {
        @Advice.OnMethodExit
        @SuppressWarnings("UnusedVariable") // what is assigned here is what the changed method returns
        static void exit(@Advice.Return(readOnly = false) Optional<?> result) {
            result = Optional.empty();
        }
    }

    /** What becomes part of the changed method, behind its last line. */
    private static final class ReportsNone {
        @Advice.OnMethodExit
        static void exit(@Advice.Return Set<?> fenced) {
            fenced.clear();
        }
    }
}
