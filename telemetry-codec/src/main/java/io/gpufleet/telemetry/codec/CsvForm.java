package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.List;

/** A form of CSV: which header it has, and what its rows mean. Used for one message, by one thread. */
interface CsvForm {

    /** The rows behind a header. */
    interface Table {
        /** Returns the number of columns. */
        int width();

        /**
         * Reads a row if it is like rows before, which is fast. The row is whole, and has as many fields as there are
         * columns.
         *
         * @return false if it is not; nothing has been done then
         */
        default boolean readAgain(CsvRows row) {
            return false;
        }

        /**
         * Looks at a row before it is read.
         *
         * @param cells as many as there are columns
         * @throws io.gpufleet.telemetry.CodecException if neither this row nor the rest of the text can be read
         */
        default void require(Place place, List<String> cells) {}

        /**
         * Reads a row.
         *
         * @param row where it stands
         * @param cells as many as there are columns
         * @throws io.gpufleet.telemetry.CodecException if the row cannot be read
         */
        void read(CsvRows row, List<String> cells);
    }

    /** Returns the name of a column that is in every header, in small letters. */
    String mark();

    /** Returns the number of columns that cells name. */
    long known(List<String> cells);

    /** Returns whether cells are the names of a header: of a file that was appended to another one. */
    boolean isHeader(List<String> cells);

    /**
     * Reads a header.
     *
     * @param decimalComma whether numbers may have a comma in place of the point
     * @throws io.gpufleet.telemetry.CodecException if it cannot be used
     */
    Table table(List<String> header, boolean decimalComma);
}
