package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ImportedRecordsTest {
    private static String placed(String reason, FileChunk.Message message) {
        SourceRecord source = SourceRecord.builder(new SourcePartition("a.csv", 0), message.record())
                .value(message.bytes())
                .build();
        ImportedRecords records = new ImportedRecords(Batch.builder());
        records.shift(message);
        return records.placed(new DeadLetter(source, DeadLetter.Stage.DECODE, List.of(reason)))
                .reasons()
                .get(0);
    }

    @Test
    void placed_movesTheNumberOfEachLineAndNoTextOfTheFile() {
        FileChunk.Message rows = new FileChunk.Message(7, new byte[9], 100, false, "", List.of());
        assertThat(placed("line 3: has the time of line 2", rows)).isEqualTo("line 103: has the time of line 102");
        assertThat(placed("line 3: value \"line 2 $1\" is not a number", rows))
                .isEqualTo("line 103: value \"line 2 $1\" is not a number");
        assertThat(placed("value \"line 2\" is not a number", rows)).isEqualTo("value \"line 2\" is not a number");
    }

    @Test
    void placed_namesTheLineOfASingleRecord() {
        FileChunk.Message line = new FileChunk.Message(7, new byte[9], 100, true, "", List.of());
        assertThat(placed("value \"line 2\" is not a number", line))
                .isEqualTo("line 101: value \"line 2\" is not a number");
        assertThat(placed("line 1: quote opened in line 1", line)).isEqualTo("line 101: quote opened in line 101");
    }
}
