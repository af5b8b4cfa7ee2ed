package io.gpufleet.telemetry.examples.rest.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.json.JsonMapper;

/**
 * The body of each answer that is an error, after RFC 9457. Immutable.
 *
 * @param type always {@code about:blank}: the status says the kind
 * @param title the words of the status
 * @param status the status of the answer
 * @param detail the thing, its value, and what is allowed
 * @param parameter the parameter at fault; absent if it is none's
 */
@Schema(description = "An error")
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String parameter) {
    /** The media type of errors. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * Checks the components.
     *
     * @param type as the component
     * @param title as the component
     * @param status as the component
     * @param detail as the component
     * @param parameter as the component
     */
    public Problem {
        requireNonNull(type, "type");
        requireNonNull(title, "title");
        requireNonNull(detail, "detail");
    }

    static Problem of(int status, String detail, @Nullable String parameter) {
        HttpStatus known = HttpStatus.resolve(status);
        String title = known == null ? "Error" : known.getReasonPhrase();
        return new Problem("about:blank", title, status, detail, parameter);
    }

    /** Sends this as the answer, unless another one has begun. */
    void send(HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        send(response, status, this);
    }

    static void send(HttpServletResponse response, int status, Object body) throws IOException {
        byte[] json = JSON.writeValueAsBytes(body);
        response.resetBuffer();
        response.setStatus(status);
        response.setContentType(MEDIA_TYPE);
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(json.length);
        response.getOutputStream().write(json);
    }
}
