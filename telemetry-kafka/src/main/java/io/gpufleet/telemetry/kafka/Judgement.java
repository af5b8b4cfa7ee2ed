package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetter;

/** The number of records read, and their refused share. Owned by its lane. */
final class Judgement {
    private int records;
    private double refused;
    private int valuesOfRecord;
    private int refusedOfRecord;
    private boolean isRefusedWhole;

    void good() {
        valuesOfRecord++;
    }

    /** Counts the dead letter of a record. */
    void refused(DeadLetter letter) {
        isRefusedWhole |= !letter.isPartial();
        refusedOfRecord += letter.indexes().size();
    }

    /** Counts the refused values of a record that no dead letter holds. */
    void repeated(int values) {
        refusedOfRecord += values;
    }

    void endRecord() {
        boolean isRefused = isRefusedWhole || refusedOfRecord > 0;
        records += valuesOfRecord > 0 || isRefused ? 1 : 0;
        if (isRefused) {
            refused += isRefusedWhole ? 1 : (double) refusedOfRecord / (refusedOfRecord + valuesOfRecord);
        }
        valuesOfRecord = 0;
        refusedOfRecord = 0;
        isRefusedWhole = false;
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
