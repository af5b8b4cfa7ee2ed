package io.gpufleet.telemetry.examples.options;

import java.util.LinkedHashMap;
import java.util.Map;

/** The words of the SDK for its callers in Java, as options of a command line: the single place that knows both. */
public final class OptionNames {
    private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put("use groupId(…)", "use --group");
        OPTIONS.put("use resetPolicy(…)", "positions are stored in the database, see operator offsets reset");
        OPTIONS.put(
                "records are sent as bytes; acks(…) and safest() choose safety",
                "records are sent as bytes, idempotently, with acks=all");
        OPTIONS.put(
                "Install the telemetry tables with TelemetrySchema, or name their schema with schema(\"…\"); declare a"
                        + " host's own table with the columns that it has",
                "Name the schema of the tables with --schema, or let the program install them, without"
                        + " --no-install-schema");
        OPTIONS.put("give zone(...)", "give --zone");
        OPTIONS.put("(or scrapeTime, --time)", "(or --time)");
        OPTIONS.put(
                "wide rows of a grid (WideRows.inGrid, --grid), or of equal times (WideRows.ofMessages(Duration.ZERO))",
                "wide rows of a grid (--grid)");
        OPTIONS.put("build the validator with anyAge()", "give --any-age");
        OPTIONS.put("column(field, name) tells another one", "--column <field>=<column> tells another one");
        OPTIONS.put("column: ", "--column: ");
        OPTIONS.put("afterDays: ", "--days: ");
        OPTIONS.put("share: ", "--share: ");
        OPTIONS.put("overrides: ", KafkaOptions.CLIENT_PROPERTY + ": ");
        OPTIONS.put("to which SampleTables moves them", "to which gpu-samples move moves them");
    }

    /** The parameter of a question that is no option. */
    private static final String GPU = "id";

    private OptionNames() {}

    /**
     * Returns a message of the SDK with the options in place of methods.
     *
     * @param message any message
     * @return the message for the user of a program
     */
    public static String in(String message) {
        String words = message;
        for (Map.Entry<String, String> option : OPTIONS.entrySet()) {
            words = words.replace(option.getKey(), option.getValue());
        }
        return words;
    }

    /**
     * Returns the message about a parameter of a question, with the option in its place.
     *
     * @param parameter the name, as in a URL, with which the message begins if it is about its value
     * @param message the message
     * @return the message for the user of a program
     */
    static String in(String parameter, String message) {
        String option = parameter.equals(GPU) ? "<gpu>" : "--" + parameter.replace('_', '-');
        return message.startsWith(parameter + " ")
                ? option + message.substring(parameter.length()).replace(" before start_time ", " before --start-time ")
                : message;
    }
}
