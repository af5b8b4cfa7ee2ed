package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetter;

/** The number of records read, and their refused share. Owned by its lane. */
final class Judgement {
    private int records;
    private double refused;
    private int valuesOfRecord;
    private double refusedOfRecord;

    void good() {
        valuesOfRecord++;
    }

    /** Counts the dead letter of a record, after its good values. */
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

    /** Returns the number of records with a value or a refusal. */
    int records() {
        return records;
    }

    /** Returns the number of refused records, whole or in part. */
    double refusedRecords() {
        return refused;
    }
}
