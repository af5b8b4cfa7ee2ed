package io.gpufleet.telemetry.examples.terminal;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The reason of a failure, in one line. */
public final class Failure {
    private Failure() {}

    /** Returns the messages of an exception and its causes, without repetitions, line breaks and control characters. */
    public static String inOneLine(Throwable failure) {
        Set<String> messages = new LinkedHashSet<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = message(cause);
            boolean said = messages.stream().anyMatch(earlier -> earlier.contains(message));
            if (!said && !isWrapper(cause)) {
                messages.add(message);
            }
        }
        return Text.onOneLine(String.join("; because: ", messages).replaceAll("\\s+", " "));
    }

    /** Returns the message; if it is not a sentence, such as a path, with the name of the exception. */
    private static String message(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        String message =
                failure.getMessage() == null ? "" : failure.getMessage().strip();
        if (message.isEmpty()) {
            return name;
        }
        return message.contains(" ") ? message : name + ": " + message;
    }

    private static boolean isWrapper(Throwable failure) {
        return failure.getCause() != null
                && (failure instanceof CompletionException || failure instanceof ExecutionException);
    }
}
