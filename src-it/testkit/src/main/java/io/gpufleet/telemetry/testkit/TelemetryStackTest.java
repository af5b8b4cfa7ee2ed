package io.gpufleet.telemetry.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test class whose methods and constructor may ask for a {@link TelemetryStack} as a parameter.
 *
 * <p>All such classes of a JVM share one stack, which starts when the first asks for it and is closed at the end of the
 * run: give every test a topic and a database of its own, and do not stop the stack.
 *
 * <pre>{@code
 * @TelemetryStackTest
 * class MyConsumerTest {
 *     @Test
 *     void heartbeats_areStored(TelemetryStack stack) { … }
 * }
 * }</pre>
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TelemetryStackExtension.class)
public @interface TelemetryStackTest {}
