package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.TelemetryException;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;

/** The answer where a database lacks the tables of a controller: asking again does not help. */
final class AbsentTables {
    private static final int NOT_FOUND = 404;
    /** The SQLSTATE of a missing table or view. */
    private static final String UNDEFINED_TABLE = "42P01";

    private AbsentTables() {}

    /** Returns the answer; absent if the failure is another, or the tables must be there. */
    static Optional<ProblemException> problem(TelemetryException failure, HttpServletRequest request) {
        Object handler = request.getAttribute(HandlerMapping.BEST_MATCHING_HANDLER_ATTRIBUTE);
        return Optional.of(failure)
                .filter(AbsentTables::isOfATable)
                .flatMap(absent -> handler instanceof HandlerMethod method ? contents(method) : Optional.empty())
                .map(contents -> new ProblemException(NOT_FOUND, "this database has no tables of " + contents));
    }

    private static boolean isOfATable(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof SQLException sql && UNDEFINED_TABLE.equals(sql.getSQLState()));
    }

    /** Returns the contents that a database may lack. */
    static Optional<String> contents(HandlerMethod handler) {
        return Optional.ofNullable(handler.getBeanType().getAnnotation(AsksFor.class))
                .map(AsksFor::value);
    }
}
