package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A question for the daily statistics of a client or of its devices. Immutable.
 *
 * <pre>{@code
 * DailyQuery query = DailyQuery.builder("3b1f0c9de2a84c6f9d0e5a7b8c1d2e3f")
 *         .from(LocalDate.parse("2026-03-01"))
 *         .to(LocalDate.parse("2026-03-31"))
 *         .build();
 * List<ClientDailyStatistics> days = queries.dailyStatistics(query);
 * }</pre>
 */
public final class DailyQuery {
    /** The longest range of days. */
    public static final int MAX_DAYS = 1_000;
    /** The number of days of a question that names no first one. */
    public static final int DEFAULT_DAYS = 31;

    private final ClientId client;
    private final DayRange range;

    private DailyQuery(Builder builder) {
        this.client = builder.client;
        this.range = new DayRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
    }

    /**
     * Returns a builder for the last {@value #DEFAULT_DAYS} days.
     *
     * @param client the client's id: 32 hexadecimal characters of either case
     * @return a builder
     * @throws InvalidQueryException if it is something else
     */
    public static Builder builder(String client) {
        return new Builder(client);
    }

    ClientId client() {
        return client;
    }

    DayRange range() {
        return range;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final ClientId client;
        private @Nullable LocalDate from;
        private @Nullable LocalDate to;

        private Builder(String client) {
            this.client = QueryChecks.requireClient(client);
        }

        /**
         * Sets the first day. Default: {@value DailyQuery#DEFAULT_DAYS} days with the last one.
         *
         * @param day the UTC day
         * @return this builder
         */
        public Builder from(LocalDate day) {
            this.from = requireNonNull(day, "day");
            return this;
        }

        /**
         * Sets the last day. Default: today, in UTC.
         *
         * @param day the UTC day
         * @return this builder
         */
        public Builder to(LocalDate day) {
            this.to = requireNonNull(day, "day");
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         * @throws InvalidQueryException if the last day is before the first one, or if there are more than
         *     {@value DailyQuery#MAX_DAYS} days
         */
        public DailyQuery build() {
            return new DailyQuery(this);
        }
    }
}
