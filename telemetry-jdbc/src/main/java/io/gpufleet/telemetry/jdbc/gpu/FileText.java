package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.internal.GzipMembers;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * The text of a file as it was when it was opened: gzip, known by its first bytes, is unpacked, and what is appended
 * meanwhile is not read. Of a damaged gzip file, the text ends before the damaged member: which bytes of it are wrong
 * is not known. Not thread-safe.
 */
final class FileText implements Closeable {
    private static final int CHUNK = 64 << 10;

    private final SeekableByteChannel channel;
    private final long size;

    private Closeable text = () -> {};
    private boolean isProved;
    private long provedText;
    private Optional<String> damage = Optional.empty();

    private FileText(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    static FileText open(Path file) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(file);
        try {
            return new FileText(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Returns the text from its beginning, in place of the one that was returned before. The first time, a packed file
     * is read to its end, to prove the checksums of its members.
     */
    InputStream fromBeginning() throws IOException {
        text.close();
        if (!isPacked()) {
            return bytes();
        }
        if (!isProved) {
            prove();
            isProved = true;
        }
        GzipMembers members = new GzipMembers(bytes());
        text = members;
        return damage.isEmpty() ? members : new Bounded(members, provedText, damage);
    }

    /** Returns why the text ends before that of the file, as far as it was read. */
    Optional<String> damage() {
        return damage;
    }

    private boolean isPacked() throws IOException {
        byte[] begin = bytes().readNBytes(2);
        return GzipMembers.isPacked(begin, 0, begin.length);
    }

    /** Looks for a member that is damaged; one that is only cut off is not. */
    private void prove() throws IOException {
        byte[] buffer = new byte[CHUNK];
        try (GzipMembers members = new GzipMembers(bytes())) {
            try {
                while (members.read(buffer, 0, CHUNK) >= 0) {
                    // Only the checksums count.
                }
            } catch (EOFException e) {
                // The whole rows before the cut are good.
            } catch (ZipException e) {
                damage = Optional.of(String.valueOf(e.getMessage()));
            }
            provedText = members.provedText();
        }
    }

    private InputStream bytes() throws IOException {
        return new Bounded(Channels.newInputStream(channel.position(0)), size, Optional.empty());
    }

    /**
     * Returns the number of bytes that the file has got since it was opened.
     *
     * @throws IOException if it has become shorter: then its end was not read
     */
    long growth() throws IOException {
        long growth = channel.size() - size;
        if (growth < 0) {
            throw new IOException("file has become shorter by " + -growth + " bytes while it was read");
        }
        return growth;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            text.close();
        }
    }

    /** The first bytes of a stream, and perhaps a fault behind them. It does not close the stream. */
    private static final class Bounded extends InputStream {
        private final InputStream source;
        private final Optional<String> damage;
        private long left;

        Bounded(InputStream source, long left, Optional<String> damage) {
            this.source = source;
            this.left = left;
            this.damage = damage;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return end();
            }
            int read = source.read(target, offset, (int) Math.min(left, length));
            left -= Math.max(0, read);
            return read;
        }

        private int end() throws ZipException {
            if (damage.isPresent()) {
                throw new ZipException(damage.get());
            }
            return -1;
        }
    }
}
