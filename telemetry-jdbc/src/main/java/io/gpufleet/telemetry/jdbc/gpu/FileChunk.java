package io.gpufleet.telemetry.jdbc.gpu;

import java.util.List;

/**
 * Some records of a file, which are stored in one transaction with the position behind them.
 *
 * @param messages the messages for the decoder, in the order of their records
 * @param from the position before the records
 * @param to the position behind them
 */
record FileChunk(List<Message> messages, FilePosition from, FilePosition to) {

    /**
     * A message for the decoder: rows behind their header, a line, or a text.
     *
     * @param record the number of records before its first one
     * @param bytes the bytes, with the header; of a record that is too long, the beginning
     * @param linesBefore what is to be added to the number of a line of the message to get that of the file
     * @param length the number of bytes of a single record; 0 if the message may have several
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are carried, never compared
    record Message(long record, byte[] bytes, long linesBefore, long length) {
        /** Returns whether the message is a single record. */
        boolean isSingle() {
            return length > 0;
        }

        /** Returns whether the message is a single record that is too long to be read. */
        boolean isTooLong() {
            return length > bytes.length;
        }
    }
}
