package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.internal.GzipMembers;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text of a file as it was when it was opened: gzip, known by its first bytes, is unpacked, and what is appended
 * meanwhile is not read. Not thread-safe.
 */
final class FileText implements Closeable {
    private final SeekableByteChannel channel;
    private final long size;
    private final InputStream text;

    private FileText(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
        BufferedInputStream bytes = new BufferedInputStream(new Bounded(Channels.newInputStream(channel), size));
        bytes.mark(2);
        byte[] begin = bytes.readNBytes(2);
        bytes.reset();
        this.text = GzipMembers.isPacked(begin, 0, begin.length) ? new GzipMembers(bytes) : bytes;
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

    InputStream text() {
        return text;
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

    /** The first bytes of a stream. */
    private static final class Bounded extends InputStream {
        private final InputStream source;
        private long left;

        Bounded(InputStream source, long left) {
            this.source = source;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = source.read(target, offset, (int) Math.min(left, length));
            left -= Math.max(0, read);
            return read;
        }

        @Override
        public void close() throws IOException {
            source.close();
        }
    }
}
