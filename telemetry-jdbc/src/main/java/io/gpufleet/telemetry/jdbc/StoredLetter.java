package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourceRecord;
import java.util.List;

/**
 * A dead letter as its row holds it. Immutable.
 *
 * @param id the number of the row
 * @param letter the record and the reasons of its refusal
 */
record StoredLetter(long id, DeadLetter letter) {
    SourceRecord source() {
        return letter.source();
    }

    /** The letter as its place refuses it today. */
    DeadLetter refused(String reason) {
        return new DeadLetter(source(), DeadLetter.Stage.WRITE, List.of(reason));
    }
}
