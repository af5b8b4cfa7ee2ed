package io.gpufleet.telemetry.examples.rest.http;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container's report of the errors that no handler sees, such as a path that is not UTF-8. Thread-safe. */
final class ProblemValve extends ErrorReportValve {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemValve.class);
    private static final int FIRST_ERROR = 400;
    private static final int FIRST_FAILURE = 500;

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = response.getStatus();
        if (status < FIRST_ERROR || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        // A stranger's unreadable request is no failure of the service, and must not fill its log.
        if (failure != null && status >= FIRST_FAILURE) {
            LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
        }
        try {
            Problem.of(
                            status,
                            failure == null || status < FIRST_FAILURE
                                    ? "request cannot be read"
                                    : "the service failed; its log has the reason",
                            null)
                    .send(response);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            LOG.debug("Report of status {} did not reach the caller", status, e);
        }
    }
}
