package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks the tables. Not thread-safe. */
@Command(
        name = "verify",
        description = "Checks that the tables match the expected schema. Exit code 1 if not, with all faults.")
final class VerifySchema implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        List<String> faults = new Tables(database).faults(layout);
        if (!faults.isEmpty()) {
            output.printJson(answer(faults));
            throw new TelemetryException(
                    "Telemetry tables do not match the expected schema: " + String.join("; ", faults));
        }
        output.print(List.of("Tables match the expected schema"), answer(faults));
        return ExitCodes.OK;
    }

    private static Map<String, Object> answer(List<String> faults) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("as_needed", faults.isEmpty());
        answer.put("faults", faults);
        return answer;
    }
}
