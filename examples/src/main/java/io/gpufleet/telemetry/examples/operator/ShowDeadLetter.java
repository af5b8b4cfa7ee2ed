package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one dead letter. Not thread-safe. */
@Command(
        name = "show",
        description = {
            "Shows a dead letter: its place, its reasons, its headers, and its value: as text where it is one, as those"
                    + " of GPU samples are, else its bytes, and the heartbeat in them."
        })
final class ShowDeadLetter implements Callable<Integer> {
    private static final String SQL = """
            SELECT id, group_id, topic, topic_id, partition, kafka_offset, stage, record_timestamp, created_at,
                replayed_at, reasons, header_names, header_values, key, value
            FROM {dead_letters} WHERE id = ?""";

    @Parameters(paramLabel = "<id>", description = "Its id, as shown by dead-letters list.")
    private long id;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        List<List<@Nullable Object>> rows = new Tables(database).rows(SQL, id);
        if (rows.isEmpty()) {
            throw new TelemetryException("No dead letter " + id + "; dead-letters list shows all");
        }
        DeadLetterSheet sheet = new DeadLetterSheet(rows.get(0));
        output.print(sheet.lines(), sheet.fields());
        return ExitCodes.OK;
    }
}
