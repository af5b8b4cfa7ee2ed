package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The rows of {@code heartbeat} made by a backlog, as JSON with the schema in every record, which Connect's converter
 * reads without a schema registry.
 */
final class JsonBacklog {
    private static final String SCHEMA = """
            {"schema":{"type":"struct","name":"heartbeat","fields":[\
            {"field":"client_id","type":"bytes"},\
            {"field":"timestamp","type":"string","name":"io.debezium.time.ZonedTimestamp","version":1},\
            {"field":"cpu_usage","type":"int16"},\
            {"field":"mem_usage","type":"int16"},\
            {"field":"disk_usage","type":"int16"},\
            {"field":"network_up","type":"int64"},\
            {"field":"network_down","type":"int64"}]},"payload":""";

    private JsonBacklog() {}

    /** Publishes the rows of a backlog into a topic of their own, and returns its name. */
    static String publish(Servers servers, Backlog backlog) {
        String topic = backlog.topic() + "-json";
        servers.broker().createTopic(topic, backlog.partitions());
        Iterable<TestRecord> records = () -> backlog.fleet().stream()
                .limit(backlog.records())
                .map(record -> TestRecord.of(record.key(), json(record), record.timestamp()))
                .iterator();
        servers.broker().publish(topic, records);
        return topic;
    }

    private static byte[] json(FleetRecord record) {
        SystemInfo info = record.heartbeat().systemInfo();
        String client =
                Base64.getEncoder().encodeToString(record.heartbeat().clientId().toBytes());
        String row = "{\"client_id\":\"" + client + "\",\"timestamp\":\"" + record.timestamp() + "\",\"cpu_usage\":"
                + info.cpuUsage() + ",\"mem_usage\":" + info.memoryUsage() + ",\"disk_usage\":" + info.diskUsage()
                + ",\"network_up\":" + info.networkTx() + ",\"network_down\":" + info.networkRx() + "}}";
        return (SCHEMA + row).getBytes(StandardCharsets.UTF_8);
    }
}
