package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** A reader that asks one question after the other, with pauses. Belongs to one thread. */
final class QueryReader implements Callable<Map<Question, List<Double>>> {
    private final SplittableRandom random;
    private final QueriedFleet fleet;
    private final GpuQueries queries;
    private final Schedule schedule;

    /**
     * When a reader asks.
     *
     * @param clock the clock that the questions have, too
     * @param warm when what is measured begins to count
     * @param end when a reader stops
     * @param pause the longest pause after a question
     */
    record Schedule(Clock clock, Instant warm, Instant end, Duration pause) {}

    QueryReader(SplittableRandom random, QueriedFleet fleet, GpuQueries queries, Schedule schedule) {
        this.random = random;
        this.fleet = fleet;
        this.queries = queries;
        this.schedule = schedule;
    }

    /** Asks until the end, and returns the times of the questions that count, in milliseconds. */
    @Override
    public Map<Question, List<Double>> call() {
        Map<Question, List<Double>> millis = new EnumMap<>(Question.class);
        Clock clock = schedule.clock();
        for (Instant now = clock.instant(); now.isBefore(schedule.end()); now = clock.instant()) {
            Question question = Question.any(random);
            double took = ask(question, now);
            if (now.isAfter(schedule.warm())) {
                millis.computeIfAbsent(question, none -> new ArrayList<>()).add(took);
            }
            long most = schedule.pause().toNanos();
            LockSupport.parkNanos(most == 0 ? 0 : random.nextLong(most));
        }
        return millis;
    }

    private double ask(Question question, Instant now) {
        long start = System.nanoTime();
        if (question.ask(queries, fleet, now, random).isEmpty()) {
            throw new IllegalStateException(question + ": no rows as of " + now);
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
