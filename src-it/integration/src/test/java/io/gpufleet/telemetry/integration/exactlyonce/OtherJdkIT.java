package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The built jars on another JDK, whose home is the property {@code telemetry.jdk}. */
@TelemetryStackTest
@EnabledIfSystemProperty(
        named = OtherJdkIT.JDK,
        matches = ".+",
        disabledReason = "no other JDK is given: -Dtelemetry.jdk=<its home>")
final class OtherJdkIT {
    static final String JDK = "telemetry.jdk";

    private static final Logger log = LoggerFactory.getLogger(OtherJdkIT.class);
    private static final int RECORDS = 2_000;

    @Test
    void killedConsumer_isExactOnAnotherJdk(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "other-jdk", 2)) {
            AuditedConsumer victim = start(run);
            run.publish(RECORDS);
            victim.await("batch 2");
            victim.kill();
            AuditedConsumer successor = start(run);
            run.publish(RECORDS);
            run.awaitEnd();
            run.assertExact();
            successor.awaitLine("java ");
            assertThat(successor.count("java " + System.getProperty("java.version")))
                    .as("JVMs of the version of the test")
                    .isZero();
            log.info("exact on {}", System.getProperty(JDK));
        }
    }

    private static AuditedConsumer start(AuditedRun run) throws IOException {
        return run.consumer().javaHome(Path.of(System.getProperty(JDK))).start();
    }
}
