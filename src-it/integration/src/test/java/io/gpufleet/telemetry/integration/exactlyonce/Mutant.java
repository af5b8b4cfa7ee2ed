package io.gpufleet.telemetry.integration.exactlyonce;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;

/**
 * A class of the product without one of its guards, in a directory that goes before the jars on a class path.
 *
 * @param className the class
 * @param directory where the changed class lies
 */
record Mutant(String className, Path directory) {

    /** Positions that are not where a batch begins are not noticed. */
    static Mutant withoutCompareAndSet(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.jdbc.Fence",
                "move",
                Set.class,
                directory,
                builder -> builder.visit(Advice.to(ReportsNone.class).on(named("move"))));
    }

    /** Records of an ended generation are written. */
    static Mutant withoutGenerationCheck(Path directory) throws ReflectiveOperationException, IOException {
        return of(
                "io.gpufleet.telemetry.kafka.Generation",
                "isStale",
                boolean.class,
                directory,
                builder -> builder.method(named("isStale")).intercept(FixedValue.value(false)));
    }

    private static Mutant of(
            String className,
            String method,
            Class<?> returned,
            Path directory,
            UnaryOperator<DynamicType.Builder<?>> change)
            throws ReflectiveOperationException, IOException {
        Class<?> guarded = Class.forName(className);
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
    private static final class ReportsNone {
        @Advice.OnMethodExit
        static void exit(@Advice.Return Set<?> fenced) {
            fenced.clear();
        }
    }
}
