package io.gpufleet.telemetry.jdbc;

import java.util.List;

/** The capability with the tables of every sink: positions, gaps and dead letters. Every host gets it. Immutable. */
record BaseCapability() implements Capability {
    static final TableShape CONSUMER_OFFSETS = TableShape.parse("consumer_offsets", """
            group_id text, topic text, partition integer, cluster_id text, topic_id uuid, next_offset bigint,
            leader_epoch integer, newest_record_at timestamp with time zone,
            updated_at timestamp with time zone""", "group_id, topic, partition");

    static final TableShape DEAD_LETTERS =
            TableShape.parse("dead_letters", """
            id bigint, group_id text, topic text, cluster_id text, topic_id uuid, partition integer,
            kafka_offset bigint, record_timestamp timestamp with time zone, record_timestamp_type text, key bytea,
            value bytea, header_names text[],
            header_values bytea[], stage text, reasons text[], created_at timestamp with time zone,
            replayed_at timestamp with time zone""", "group_id, topic_id, partition, kafka_offset");

    private static final TableShape CONSUMPTION_GAPS = TableShape.parse(
            "consumption_gaps",
            """
            id bigint, group_id text, topic text, partition integer, reason text, from_cluster_id text,
            from_topic_id uuid, from_offset bigint, to_cluster_id text, to_topic_id uuid, to_offset bigint, created_at timestamp with time zone""",
            "group_id, topic, partition, reason, from_topic_id, from_offset, to_topic_id, to_offset");

    static final List<TableShape> TABLES = List.of(CONSUMER_OFFSETS, DEAD_LETTERS, CONSUMPTION_GAPS);

    @Override
    public String name() {
        return "base";
    }

    @Override
    public List<String> files() {
        return List.of("V1__positions_gaps_dead_letters.sql");
    }

    @Override
    public List<TableShape> tables() {
        return TABLES;
    }
}
