package io.gpufleet.telemetry.testkit.faults;

import io.gpufleet.telemetry.testkit.faults.PostgresProxy.Losses;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A conversation that recognizes commits, and loses some on request. */
final class PostgresConversation implements Conversation {
    private static final String COMMIT = "COMMIT";

    private final Losses losses;
    private final AtomicInteger encryptionAsked = new AtomicInteger();
    private final Set<String> commitStatements = new HashSet<>();
    private final PostgresMessages requests = PostgresMessages.ofClient(encryptionAsked::incrementAndGet);
    private final PostgresMessages replies = PostgresMessages.ofServer(encryptionAsked);

    PostgresConversation(Losses losses) {
        this.losses = losses;
    }

    @Override
    public boolean losesRequest(byte[] piece, int length) {
        return requests.read(piece, length, this::asksForCommit) && Losses.take(losses.requests, losses.lostRequests);
    }

    /**
     * Returns whether a message requests a commit. A statement is first parsed under a name, and bound by that name
     * whenever it runs.
     */
    private boolean asksForCommit(PostgresMessages.Message message) {
        return switch (message.type()) {
            case 'Q' -> isCommit(message.text(0));
            case 'P' -> {
                parse(message.text(0), message.text(1));
                yield false;
            }
            case 'B' -> commitStatements.contains(message.text(1));
            default -> false;
        };
    }

    private void parse(String name, String sql) {
        if (isCommit(sql)) {
            commitStatements.add(name);
        } else {
            commitStatements.remove(name);
        }
    }

    private static boolean isCommit(String sql) {
        return sql.strip().toUpperCase(Locale.ROOT).equals(COMMIT);
    }

    @Override
    public boolean losesReply(byte[] piece, int length) {
        return replies.read(piece, length, PostgresConversation::tellsOfCommit)
                && Losses.take(losses.replies, losses.lostReplies);
    }

    private static boolean tellsOfCommit(PostgresMessages.Message message) {
        return message.type() == 'C' && message.text(0).equals(COMMIT);
    }
}
