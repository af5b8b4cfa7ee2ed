package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetter;

/** How many records were read, and how much of them is refused. Owned by its lane. */
final class Judgement {
    private int records;
    private double refused;
    private int valuesOfRecord;
    private double refusedOfRecord;

    void good() {
        valuesOfRecord++;
    }

    /** Takes the dead letter of a record, behind its good values. */
    void refused(DeadLetter letter) {
        int values = letter.indexes().size();
        refusedOfRecord = letter.isPartial() ? (double) values / (values + valuesOfRecord) : 1;
    }

    void endRecord() {
        records += valuesOfRecord > 0 || refusedOfRecord > 0 ? 1 : 0;
        refused += refusedOfRecord;
        valuesOfRecord = 0;
        refusedOfRecord = 0;
    }

    void clear() {
        records = 0;
        refused = 0;
    }

    /** The records that had a value, or were refused. */
    int records() {
        return records;
    }

    /** How many records are refused, whole or in part. */
    double refusedRecords() {
        return refused;
    }
}
