package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks the tables. Not thread-safe. */
@Command(
        name = "verify",
        description = {
            "Checks that the tables match the expected schema: those of the named capabilities, else of all that are"
                    + " installed.",
            "Exit code 1 if not, with all faults."
        })
final class VerifySchema implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final CapabilityOptions capabilities = new CapabilityOptions();

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        Tables tables = new Tables(database);
        Capabilities checked = capabilities.namedOrOf(tables);
        List<String> faults = tables.faults(checked, layout);
        if (!faults.isEmpty()) {
            output.printJson(answer(checked, faults));
            throw new TelemetryException(
                    "Telemetry tables do not match the expected schema: " + String.join("; ", faults));
        }
        output.print(List.of("Tables match the expected schema: " + checked), answer(checked, faults));
        return ExitCodes.OK;
    }

    private static Map<String, Object> answer(Capabilities checked, List<String> faults) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("capabilities", checked.names());
        answer.put("as_needed", faults.isEmpty());
        answer.put("faults", faults);
        return answer;
    }
}
