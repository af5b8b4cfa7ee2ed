package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.gpu.ImportRows.Row;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The search for the import that a file goes on: the one with the longest text with which the file begins, as its
 * checksum proves. Reads the file as far as there are longer ones. Used once, by one thread.
 */
final class ImportSearch {
    private static final int SHOWN_DIGITS = 16;

    private final Transactions transactions;
    private final ImportRows rows;
    private final String file;
    private final Deque<Row> candidates = new ArrayDeque<>();
    private boolean isLastPage;
    private long lastBytes;
    private String lastChecksum = "";

    private @Nullable Row found;
    private @Nullable Row expected;
    private String checksumThere = "";

    ImportSearch(Transactions transactions, ImportRows rows, String file) {
        this.transactions = transactions;
        this.rows = rows;
        this.file = file;
    }

    /**
     * Searches the import.
     *
     * @param path the file
     * @param takesOpen whether a last line without its end is part of its text
     * @throws TelemetryException if there is none, but an unfinished one of another file under this name
     */
    Optional<Row> search(Path path, boolean takesOpen) throws IOException {
        expected = transactions
                .call(ImportRows.TABLE, connection -> rows.unfinished(connection, file))
                .orElse(null);
        try (FileText text = FileText.open(path)) {
            FileChunks chunks = new FileChunks(text.text(), 1, takesOpen);
            while (isUndecided(chunks) && chunks.skip()) {
                compare(chunks);
            }
            checksumThere = checksumThere.isEmpty() ? chunks.checksum() : checksumThere;
        }
        if (found == null && expected != null) {
            throw new TelemetryException(path + ": was another file when row "
                    + expected.position().rows() + " was stored (checksum "
                    + shown(expected.position().checksum()) + " then, " + shown(checksumThere) + " now)");
        }
        return Optional.ofNullable(found);
    }

    private static String shown(String checksum) {
        return checksum.substring(0, SHOWN_DIGITS);
    }

    private boolean isUndecided(FileChunks chunks) {
        return next() != null
                || (expected != null && chunks.records() < expected.position().records());
    }

    private void compare(FileChunks chunks) {
        if (expected != null && chunks.records() == expected.position().records()) {
            checksumThere = chunks.checksum();
        }
        Row candidate = next();
        String checksum = "";
        while (candidate != null && candidate.position().bytes() <= chunks.textBytes()) {
            if (candidate.position().bytes() == chunks.textBytes()) {
                checksum = checksum.isEmpty() ? chunks.checksum() : checksum;
                found = candidate.position().checksum().equals(checksum) ? candidate : found;
            }
            candidates.remove();
            candidate = next();
        }
    }

    private @Nullable Row next() {
        if (candidates.isEmpty() && !isLastPage) {
            candidates.addAll(
                    transactions.call(ImportRows.TABLE, connection -> rows.page(connection, lastBytes, lastChecksum)));
            isLastPage = candidates.isEmpty();
            if (!isLastPage) {
                lastBytes = candidates.getLast().position().bytes();
                lastChecksum = candidates.getLast().position().checksum();
            }
        }
        return candidates.peek();
    }
}
