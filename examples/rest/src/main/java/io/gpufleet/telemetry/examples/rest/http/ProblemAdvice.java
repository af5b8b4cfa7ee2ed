package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.query.InvalidQueryException;
import io.gpufleet.telemetry.jdbc.query.NotFoundException;
import io.gpufleet.telemetry.jdbc.query.QueryTimeoutException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.apache.coyote.BadRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** The single place that turns a failure of a handler into an answer. Thread-safe. */
@RestControllerAdvice
final class ProblemAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final Outage outage = new Outage();

    @ExceptionHandler(AsyncRequestNotUsableException.class)
    void ignoreOneWhoHasLeft() {}

    @ExceptionHandler(Exception.class)
    void answer(Exception failure, HttpServletRequest request, HttpServletResponse response) throws IOException {
        ProblemException problem = problem(failure, request);
        problem.headers().forEach(response::setHeader);
        problem.problem().send(response);
    }

    private ProblemException problem(Exception failure, HttpServletRequest request) {
        if (failure instanceof ProblemException problem) {
            return problem;
        }
        if (failure instanceof InvalidQueryException invalid) {
            int status = invalid instanceof NotFoundException ? 404 : 400;
            return new ProblemException(status, invalid.parameter(), String.valueOf(invalid.getMessage()));
        }
        if (failure instanceof TelemetryException telemetry) {
            return AbsentTables.problem(telemetry, request).orElseGet(() -> ofDatabase(telemetry, request));
        }
        return failure instanceof ErrorResponse response ? ofSpring(response, request) : ofRequest(failure, request);
    }

    private ProblemException ofDatabase(TelemetryException failure, HttpServletRequest request) {
        if (failure instanceof QueryTimeoutException timeout) {
            return ProblemException.unavailable(String.valueOf(timeout.getMessage()), RETRY_AFTER);
        }
        if (failure instanceof SinkException sink && sink.kind() == SinkException.Kind.DATA) {
            return defect(failure, request);
        }
        String after = " after " + RequestClock.elapsed(request).toMillis() + " ms";
        if (failure instanceof SinkException sink && sink.kind().isTransient()) {
            outage.tellAway(failure);
            return ProblemException.unavailable(
                    "database did not answer; the question was given up" + after, RETRY_AFTER);
        }
        outage.tellRefused(failure);
        return ProblemException.unavailable(
                "database refused the question" + after + "; the log of the service has its words", RETRY_AFTER);
    }

    private static ProblemException ofSpring(ErrorResponse failure, HttpServletRequest request) {
        int status = failure.getStatusCode().value();
        if (failure instanceof HttpRequestMethodNotSupportedException method) {
            return ofMethod(method);
        }
        if (failure instanceof HttpMediaTypeNotAcceptableException type) {
            return new ProblemException(status, "Accept allows no answer; allowed: " + types(type));
        }
        if (failure instanceof HttpMediaTypeNotSupportedException type) {
            String body = type.getContentType() == null
                    ? "body without a Content-Type"
                    : "body of type " + type.getContentType();
            return new ProblemException(
                    status, body + " is not read; allowed: " + MediaType.toString(type.getSupportedMediaTypes()));
        }
        if (failure instanceof MissingServletRequestParameterException missing) {
            return new ProblemException(status, missing.getParameterName(), missing.getParameterName() + " is missing");
        }
        return status == 404
                ? new ProblemException(status, "nothing is at " + request.getRequestURI())
                : new ProblemException(status, String.valueOf(failure.getBody().getDetail()));
    }

    private static String types(HttpMediaTypeNotAcceptableException failure) {
        return failure.getSupportedMediaTypes().isEmpty()
                ? MediaType.APPLICATION_JSON_VALUE
                : MediaType.toString(failure.getSupportedMediaTypes());
    }

    /** Spring leaves out of Allow what it answers by itself. */
    private static ProblemException ofMethod(HttpRequestMethodNotSupportedException failure) {
        Set<String> allowed = new TreeSet<>(Set.of(HttpMethod.OPTIONS.name()));
        if (failure.getSupportedMethods() != null) {
            allowed.addAll(Set.of(failure.getSupportedMethods()));
        }
        if (allowed.contains(HttpMethod.GET.name())) {
            allowed.add(HttpMethod.HEAD.name());
        }
        String names = String.join(", ", allowed);
        return new ProblemException(405, failure.getMethod() + " is not allowed here; allowed: " + names)
                .with("Allow", names);
    }

    private static ProblemException ofRequest(Exception failure, HttpServletRequest request) {
        if (failure instanceof TypeMismatchException mismatch) {
            String name = String.valueOf(mismatch.getPropertyName());
            return new ProblemException(400, name, name + " \"" + mismatch.getValue() + "\" has another form");
        }
        if (failure instanceof BadRequestException) {
            return new ProblemException(400, "body did not come to its end");
        }
        if (failure instanceof HttpMessageNotReadableException) {
            return new ProblemException(400, "body cannot be read");
        }
        return defect(failure, request);
    }

    private static ProblemException defect(Exception failure, HttpServletRequest request) {
        LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
        return new ProblemException(500, "the service failed; its log has the reason");
    }
}
