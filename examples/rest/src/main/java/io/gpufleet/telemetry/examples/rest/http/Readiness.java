package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.rest.ApiSettings;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.QueryTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.springframework.stereotype.Component;

/**
 * Whether questions can be answered now. One check runs at a time, on the thread {@code telemetry-ready}, however many
 * ask: a database that hangs holds up that thread only. Thread-safe.
 */
@Component
final class Readiness implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMillis(1_500);

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "telemetry-ready"));
    private final GpuQueries queries;
    private final Object lock = new Object();
    private CompletableFuture<List<String>> check = CompletableFuture.completedFuture(List.of());

    Readiness(DataSource pool, ApiSettings settings) {
        GpuQueries.Builder builder = GpuQueries.builder(pool).timeout(LIMIT);
        settings.database().schema().ifPresent(builder::schema);
        this.queries = builder.build();
    }

    /** Returns what is in the way; nothing if the service is ready. */
    List<String> reasons() throws InterruptedException {
        try {
            return current().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return List.of("database has not answered within " + LIMIT.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the check of the database failed", e);
        }
    }

    private CompletableFuture<List<String>> current() {
        synchronized (lock) {
            if (check.isDone()) {
                check = CompletableFuture.supplyAsync(this::reasonsOfDatabase, thread);
            }
            return check;
        }
    }

    private List<String> reasonsOfDatabase() {
        try {
            queries.gpus(GpuFilter.builder().limit(1).build());
            return List.of();
        } catch (QueryTimeoutException e) {
            return List.of("database has not answered within " + e.timeout().toMillis() + " ms");
        } catch (TelemetryException e) {
            boolean isAway = e instanceof SinkException sink && sink.kind().isTransient();
            return List.of(isAway ? "database does not answer" : "database refuses questions about GPUs");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
