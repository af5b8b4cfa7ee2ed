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
 * A changed class, usually one of the product without one of its guards, in a directory before the jars on a class
 * path.
 *
 * @param className the class
 * @param directory the directory of the changed class
 */
public record Mutant(String className, Path directory) {

    /** A fence that does not notice positions other than the begin of a batch. */
    public static Mutant withoutCompareAndSet(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.jdbc.Fence",
                "move",
                Set.class,
                directory,
                builder -> builder.visit(Advice.to(ReportsNone.class).on(named("move"))));
    }

    /** A generation that never ends, so that its stale records are written. */
    public static Mutant withoutGenerationCheck(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.kafka.Generation",
                "isStale",
                boolean.class,
                directory,
                builder -> builder.method(named("isStale")).intercept(FixedValue.value(false)));
    }

    /** Commits without marks, so that the SDK's offsets look like those of another consumer. */
    public static Mutant withoutCommitMarks(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.kafka.CommitMark",
                "read",
                Optional.class,
                directory,
                builder -> builder.visit(Advice.to(ReturnsNothing.class).on(named("read"))));
    }

    /** A Kafka client that uses the {@link MovedClock}. */
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

    /** Finds a class without initializing it: some must not be the first of their library to be initialized. */
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

    /** Code that is added to the end of the changed method. */
    private static final class ReturnsNothing {
        @Advice.OnMethodExit
        @SuppressWarnings("UnusedVariable") // the value assigned here is the result of the changed method
        static void exit(@Advice.Return(readOnly = false) Optional<?> result) {
            result = Optional.empty();
        }
    }

    /** Code that is added to the end of the changed method. */
    private static final class ReportsNone {
        @Advice.OnMethodExit
        static void exit(@Advice.Return Set<?> fenced) {
            fenced.clear();
        }
    }
}
