package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application stops cleanly when it is told to, and with an error code and the reason when it cannot continue. */
@TelemetryStackTest
final class EndOfTheHostTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final List<FleetRecord> FLEET =
            FleetGenerator.builder().startAgo(Duration.ofHours(1)).build().records(20);

    @Test
    void close_writesWhatIsBufferedAndLeavesNothingBehind(TelemetryStack stack) {
        PostgresDatabase created = stack.newDatabase();
        Database database = new Database(created.dataSource());
        stack.createTopic("spring-close", 1);
        try (RunningHost host = RunningHost.start(RunningHost.arguments(stack, created, "spring-close"))) {
            // Less than a batch, which waits for a second before it is written.
            stack.publish("spring-close", FLEET);
            Await.until("all is polled", LIMIT, () -> host.counted("telemetry.records.consumed") == FLEET.size());
        }

        assertThat(database.count("telemetry.heartbeat")).isEqualTo(FLEET.size());
        assertThat(threadsOf("spring-close-group")).isEmpty();
        Await.until("the sessions have ended", LIMIT, database::sessions, sessions -> sessions == 0);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES) // A new JVM takes its time on a busy machine.
    void failedConsumer_endsTheProcessWithAnErrorCode(TelemetryStack stack) {
        PostgresDatabase created = stack.newDatabase();
        Database database = new Database(created.dataSource());
        stack.createTopic("spring-failure", 1);
        stack.publish("spring-failure", FLEET.subList(0, 10));
        try (ForkedJvm host = ForkedJvm.builder(SpringBootHost.class)
                .arguments(RunningHost.arguments(stack, created, "spring-failure"))
                .start()) {
            Await.until(
                    "the first are stored", LIMIT, () -> database.count("telemetry.heartbeat"), stored -> stored == 10);
            assertThat(host.errors()).isEmpty();
            database.execute("DROP TABLE telemetry.client_daily_stats");
            stack.publish("spring-failure", FLEET.subList(10, 20));

            assertThat(host.awaitExit(LIMIT)).isEqualTo(1);
            assertThat(host.errors().get(0)).contains("Consumer of group spring-failure-group has stopped");
            assertThat(host.output()).isEmpty();
        }
        assertThat(database.count("telemetry.heartbeat")).isEqualTo(10);
    }

    @Test
    void missingBootstrapServers_areNamedWithoutAStackTrace() {
        String missing = "telemetry.bootstrap-servers: missing; host:port of one or more brokers, separated by commas";
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> RunningHost.start("--spring.datasource.url=jdbc:postgresql://127.0.0.1/none"))
                    .hasRootCauseMessage(missing);
        } finally {
            System.setErr(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains(missing).doesNotContain("\tat ");
    }

    private static List<String> threadsOf(String group) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("telemetry-") && name.endsWith(group))
                .toList();
    }
}
