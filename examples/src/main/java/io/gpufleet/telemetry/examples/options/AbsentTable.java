package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The telemetry tables that a command lacks, and what installs them. */
enum AbsentTable {
    /** The tables of heartbeats. */
    HEARTBEATS(
            "heartbeat|heartbeat_\\w+|client_daily_stats|device_daily_stats|system_info|device_info",
            " (heartbeats)",
            "heartbeat-consumer installs them at its start, as does TelemetrySchema with heartbeats()",
            " --heartbeats"),
    /** The tables of GPU samples. */
    GPU_SAMPLES(
            "gpu|gpu_\\w+|sample_file_imports|sample_table_moves",
            " (GPU samples)",
            "gpu-consumer installs them at its start, as does TelemetrySchema with gpuSamples()",
            " --gpu-samples"),
    /** The tables of settings, reports and advice. */
    CONSUMER_CONFIGS(
            "(pipeline_)?consumer_(config|lag|processing)\\w*|v_(consumer|partition)_\\w+|kafka_topics"
                    + "|topic_partition_changes",
            " (consumer configs)",
            "gpu-consumer and heartbeat-consumer install them at their start, as does TelemetrySchema with"
                    + " consumerConfigs()",
            " --consumer-configs"),
    /** All others, which come with each of these. */
    BASE(
            "consumer_offsets|consumption_gaps|dead_letters",
            "",
            "heartbeat-consumer and gpu-consumer install theirs at their start, as does TelemetrySchema.install()",
            "");

    /** The names, but not that of a schema before a name. */
    private final Pattern names;

    private final String of;
    private final String remedy;
    private final String option;

    AbsentTable(String names, String of, String remedy, String option) {
        this.names = Pattern.compile("\\b(" + names + ")\\b(?!\\.)");
        this.of = of;
        this.remedy = remedy;
        this.option = option;
    }

    /**
     * Returns the advice for a server's message.
     *
     * @param message the message, in any language, with the name of the missing table or schema
     */
    static String advice(String message) {
        return Stream.of(values())
                .filter(table -> table.names.matcher(message).find())
                .findFirst()
                .orElse(BASE)
                .words(message);
    }

    private String words(String message) {
        return "telemetry tables are not installed" + of + ", or are in another schema (--schema): " + message + "; "
                + remedy + "; operator schema sql" + option + " prints their SQL for psql";
    }
}
