package io.gpufleet.telemetry.kafka.internal;

import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** The text of a Kafka client's failure for a person, in one line. */
public final class FailureText {
    /** The beginning of the error of Kafka's clients when no name server knows a broker. */
    private static final String NO_ADDRESS = "No resolvable bootstrap urls";

    private static final String NO_ANSWER = "do not answer";

    private FailureText() {}

    /** Returns the failure of a sent record as text; for a missing topic the client reports only a timeout. */
    public static String ofSending(Throwable failure) {
        return Refusal.isOfUnknownTopic(failure)
                ? "the cluster has no such topic, create it: " + failure.getMessage()
                : of(failure);
    }

    /** Returns the failure's own text, which for a failed handshake is in the last cause only. */
    public static String of(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        boolean tells = failure instanceof SslAuthenticationException && last != failure;
        return tells ? failure.getMessage() + ": " + last.getMessage() : String.valueOf(failure.getMessage());
    }

    /** Returns whether brokers did not answer, or have no address yet, and none refused. */
    public static boolean isAbsence(Throwable failure) {
        boolean absent = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
                return false;
            }
            absent |= cause instanceof RetriableException
                    || cause instanceof TimeoutException
                    || String.valueOf(cause.getMessage()).startsWith(NO_ADDRESS);
        }
        return absent;
    }

    /** Returns the verb phrase of a failed question, with the brokers as subject. */
    public static String deed(Throwable cause) {
        if (cause instanceof SslAuthenticationException) {
            return "cannot be reached over TLS";
        }
        if (cause instanceof MixedClustersException) {
            return "are of different clusters";
        }
        if (cause instanceof AuthorizationException) {
            return "do not allow it";
        }
        return cause instanceof AuthenticationException ? "refuse the credentials" : NO_ANSWER;
    }

    /**
     * Returns a further possible reason for brokers that do not answer, or nothing: a handshake with one that speaks
     * plain text only waits.
     */
    public static String hint(String deed, Map<String, ?> settings) {
        Object protocol = settings.get(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG);
        boolean isTls = protocol != null && protocol.toString().endsWith("SSL");
        return deed.equals(NO_ANSWER) && isTls
                ? "; the client uses TLS (security.protocol=" + protocol
                        + "), and brokers without TLS at this address would not answer either"
                : "";
    }
}
