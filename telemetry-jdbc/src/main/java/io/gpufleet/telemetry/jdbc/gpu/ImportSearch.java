package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.gpu.ImportRows.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The search for the import that a file goes on: the one with the longest text with which the file begins, as its
 * checksum proves. Reads the file as far as there are longer ones. Used once, by one thread.
 */
final class ImportSearch {
    private static final int SHOWN_DIGITS = 16;

    private final SampleFiles files;
    private final Path path;
    private final String file;
    private final Deque<Row> candidates = new ArrayDeque<>();
    private boolean isLastPage;
    private long lastBytes;
    private String lastChecksum = "";

    private @Nullable Row found;
    private @Nullable Row expected;
    private boolean isExpectedProved;
    private String checksumThere = "";

    /**
     * Prepares the search.
     *
     * @param path the file
     * @param file its absolute path, by which an unfinished import expects it
     */
    ImportSearch(SampleFiles files, Path path, String file) {
        this.files = files;
        this.path = path;
        this.file = file;
    }

    /**
     * Searches the import. The first question to the database is asked once: what cannot be reached now fails at once.
     *
     * @param text the text of the file, which is read from its beginning
     * @throws TelemetryException if the file is another one than that of the unfinished import under this name
     */
    Optional<Row> search(FileText text) throws IOException {
        expected = files.transactions()
                .call(ImportRows.TABLE, connection -> files.rows().unfinished(connection, file))
                .orElse(null);
        FileChunks chunks = new FileChunks(text.fromBeginning(), 1, files.takesOpen());
        while (isUndecided(chunks) && chunks.skip()) {
            compare(chunks);
        }
        checksumThere = checksumThere.isEmpty() ? chunks.checksum() : checksumThere;
        if (isOfAnother(chunks)) {
            throw anotherFile(text.damage());
        }
        return Optional.ofNullable(found);
    }

    /** Returns the unfinished import that expects this file, if its text is part of the longer one that was found. */
    Optional<Row> superseded() {
        return Optional.ofNullable(expected).filter(row -> isExpectedProved && !row.equals(found));
    }

    /**
     * Returns whether an import expects another text under this name. A text that another unfinished import has begun
     * is known by that, and one that is stored whole changes nothing; but any file may begin with a complete shorter
     * one.
     */
    private boolean isOfAnother(FileChunks chunks) throws IOException {
        if (expected == null || isExpectedProved || (found != null && !found.complete())) {
            return false;
        }
        return found == null || chunks.textBytes() > found.position().bytes() || chunks.skip();
    }

    private TelemetryException anotherFile(Optional<String> damage) {
        FilePosition then = requireNonNull(expected, "expected").position();
        return new TelemetryException(path + ": was another file when row " + then.rows() + " was stored (checksum "
                + shown(then.checksum()) + " then, " + shown(checksumThere) + " now)"
                + damage.map(words -> "; now, " + words).orElse(""));
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
                prove(candidate, checksum);
            }
            candidates.remove();
            candidate = next();
        }
    }

    private void prove(Row candidate, String checksum) {
        if (candidate.position().checksum().equals(checksum)) {
            found = candidate;
            isExpectedProved |= candidate.equals(expected);
        }
    }

    private @Nullable Row next() {
        if (candidates.isEmpty() && !isLastPage) {
            candidates.addAll(page());
            isLastPage = candidates.isEmpty();
            if (!isLastPage) {
                lastBytes = candidates.getLast().position().bytes();
                lastChecksum = candidates.getLast().position().checksum();
            }
        }
        return candidates.peek();
    }

    private List<Row> page() {
        return files.retry()
                .call(
                        path,
                        failed -> files.transactions()
                                .call(
                                        ImportRows.TABLE,
                                        connection -> files.rows().page(connection, lastBytes, lastChecksum)));
    }
}
