package io.gpufleet.telemetry.jdbc.monitor;

/** The SQL that stores the reports of services. */
public final class ConsumerSamples {
    private ConsumerSamples() {}

    /** Returns a row for a service with other values than the defaults: {@code max_poll_records = 5, …} or nothing. */
    public static String service(String name, String assignments) {
        String insert = "INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id) VALUES ('" + name
                + "', '" + name + "-group');";
        return assignments.isEmpty()
                ? insert
                : insert + "UPDATE pipeline_consumer_configs SET " + assignments + " WHERE service_name = '" + name
                        + "'";
    }

    /** Returns the lag of a partition, {@code orders/3}, some time ago. */
    public static String lag(String service, String partition, long lag, String ago) {
        int slash = partition.indexOf('/');
        return "INSERT INTO consumer_lag_history (service_name, consumer_group_id, topic, partition, consumer_offset,"
                + " log_end_offset, lag, timestamp) VALUES ('" + service + "', '" + service + "-group', '"
                + partition.substring(0, slash) + "', " + partition.substring(slash + 1) + ", 7, 7 + " + lag + ", "
                + lag
                + ", now() - interval '" + ago + "')";
    }

    /** Returns a batch, some time ago. */
    public static String batch(String service, int size, int failed, long millis, String ago) {
        return "INSERT INTO consumer_processing_metrics (service_name, consumer_group_id, batch_size,"
                + " messages_processed, messages_failed, processing_time_ms, messages_per_second, timestamp) VALUES ('"
                + service + "', '" + service + "-group', " + size + ", " + size + " - " + failed + ", " + failed + ", "
                + millis + ", " + size + ", now() - interval '" + ago + "')";
    }
}
