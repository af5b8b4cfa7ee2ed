package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks the tables. Not thread-safe. */
@Command(
        name = "verify",
        description = "Checks that the tables are as they are needed. Exit code 1 if not, with all that is wrong.")
final class VerifySchema implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        try {
            new Tables(database).verify(layout);
        } catch (TelemetryException e) {
            boolean isAnswer = e.getCause() == null;
            if (isAnswer) {
                output.printJson(answer(false, String.valueOf(e.getMessage())));
            }
            throw e;
        }
        output.print(List.of("The tables are as they are needed"), answer(true, null));
        return ExitCodes.OK;
    }

    private static Map<String, @Nullable Object> answer(boolean asNeeded, @Nullable String faults) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("as_needed", asNeeded);
        answer.put("faults", faults);
        return answer;
    }
}
