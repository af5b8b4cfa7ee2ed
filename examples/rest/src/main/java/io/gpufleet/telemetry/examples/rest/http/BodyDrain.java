package io.gpufleet.telemetry.examples.rest.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of requests whose body was not read: the container would wait for the rest, on any thread and for long. Here
 * few threads wait for a short time, so that a client that still sends reads its answer; then the connection is closed.
 *
 * <p>The container logs each request when it is answered and the rest is not yet waited for, those that reach no valve
 * too: that is the hook. Thread-safe.
 */
final class BodyDrain extends ValveBase implements AccessLog {
    /** The threads that may wait at one time. */
    static final int THREADS = 30;

    private static final Logger LOG = LoggerFactory.getLogger(BodyDrain.class);
    private static final long MOST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long MOST_BYTES = 2 << 20;

    private final Semaphore room = new Semaphore(THREADS);

    BodyDrain() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    @Override
    public void log(Request request, Response response, long time) {
        if (closes(response) || request.isFinished()) {
            return;
        }
        try {
            response.finishResponse();
            drain(request);
        } catch (IOException e) {
            LOG.debug("Body of {} did not come to its end", request.getRequestURI(), e);
        }
        if (!request.isFinished()) {
            request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        }
    }

    private static boolean closes(Response response) {
        AtomicBoolean error = new AtomicBoolean();
        response.getCoyoteResponse().action(ActionCode.IS_ERROR, error);
        return error.get();
    }

    private void drain(Request request) throws IOException {
        // A body that failed once has had its time.
        if (request.getCoyoteRequest().getErrorException() != null || !room.tryAcquire()) {
            return;
        }
        try {
            drain(request.getCoyoteRequest());
        } finally {
            room.release();
        }
    }

    /** Reads below the stream, which its reader may have closed. */
    private static void drain(org.apache.coyote.Request request) throws IOException {
        Piece piece = new Piece();
        long start = System.nanoTime();
        long left = MOST_BYTES;
        while (left > 0 && System.nanoTime() - start < MOST_NANOS) {
            int length = request.doRead(piece);
            if (length < 0) {
                return;
            }
            left -= length;
        }
    }

    @Override
    public void setRequestAttributesEnabled(boolean enabled) {
        // Nothing is logged here.
    }

    @Override
    public boolean getRequestAttributesEnabled() {
        return false;
    }

    /** The bytes that were read last, which the container holds. Not thread-safe. */
    private static final class Piece implements ApplicationBufferHandler {
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(ByteBuffer bytes) {
            buffer = bytes;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return buffer;
        }

        @Override
        public void expand(int size) {
            // The container brings its own buffer.
        }
    }
}
