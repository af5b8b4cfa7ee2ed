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
     * A record in the bytes of a message.
     *
     * @param from the index of its first byte
     * @param linesBefore the number of lines of the file before it
     */
    record Place(int from, long linesBefore) {}

    /**
     * A message for the decoder: rows behind their header, a line, or a text.
     *
     * @param record the number of records before its first one
     * @param bytes the bytes, with the header; of a record that is too long, the beginning
     * @param linesBefore what is to be added to the number of a line of the message to get that of the file
     * @param isSingle whether the message is a single record
     * @param fault why the record cannot be read, with the number of a line of the message; empty if it can
     * @param places the places of its records; none if it is a single one
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are carried, never compared
    record Message(long record, byte[] bytes, long linesBefore, boolean isSingle, String fault, List<Place> places) {
        /** Returns whether the message can be read. */
        boolean isReadable() {
            return fault.isEmpty();
        }
    }
}
