package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourceRecord;
import java.util.List;

/**
 * A dead letter as stored. Immutable.
 *
 * @param id the id of the row
 * @param letter the record and the reasons of its refusal
 */
record StoredLetter(long id, DeadLetter letter) {
    SourceRecord source() {
        return letter.source();
    }

    /** Returns the letter with the reason of its new refusal. */
    DeadLetter refused(String reason) {
        return new DeadLetter(source(), DeadLetter.Stage.WRITE, List.of(reason));
    }
}
