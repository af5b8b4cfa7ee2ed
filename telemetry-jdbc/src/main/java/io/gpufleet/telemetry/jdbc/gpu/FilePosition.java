package io.gpufleet.telemetry.jdbc.gpu;

/**
 * A position in the text of a file, between two records. It knows nothing of the file's name or packing: the same text
 * has the same positions. Immutable.
 *
 * @param records the number of records before it: rows, headers and blank lines
 * @param rows how many of them are rows
 * @param lines the number of lines before it, which is larger where rows have line breaks in quotes
 * @param bytes the number of bytes of text before it
 * @param checksum SHA-256 of these bytes, as 64 hexadecimal digits
 * @param header the header in force, a character for each byte; empty if there is none
 */
record FilePosition(long records, long rows, long lines, long bytes, String checksum, String header) {

    /** Returns whether all text before another position is proved to be the same. */
    boolean isSameText(FilePosition other) {
        return bytes == other.bytes && checksum.equals(other.checksum);
    }
}
