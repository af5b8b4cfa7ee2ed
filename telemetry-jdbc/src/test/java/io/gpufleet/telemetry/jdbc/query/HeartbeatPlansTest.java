package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.WatchedDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The plans of questions about heartbeats, without the values of their parameters, for 10,000 clients. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HeartbeatPlansTest {
    private static final String ID = client(1).toString();
    private static final String FLEET = """
            INSERT INTO system_info (client_id, cpu_usage, mem_usage, disk_usage, total_tflops, heartbeat_at,
                device_memsize, device_count)
            SELECT decode('8000000000000000' || lpad(to_hex(n), 16, '0'), 'hex'), 1, 2, 3, 4,
                timestamptz '2026-11-20 12:00+00' - n * interval '1 s', 160, 2
            FROM generate_series(1, 10000) AS n;
            INSERT INTO device_info (client_id, device_index, device_name, device_id, vendor_id, device_memusage,
                device_gpuusage, device_powerusage, device_temp, heartbeat_at, device_memsize_gb, device_powerlimit_w)
            SELECT client_id, i, 'NVIDIA H100 PCIe', 9009, 4318, 1, 2, 3, 4, heartbeat_at, 80, 350
            FROM system_info CROSS JOIN generate_series(0, 1) AS i;
            INSERT INTO client_daily_stats (date, client_id, total_heartbeats, total_network_in_bytes,
                total_network_out_bytes, last_heartbeat, sum_cpu_usage, sum_memory_usage, sum_disk_usage)
            SELECT date '2026-11-20' - d, client_id, 1, 0, 0, heartbeat_at, 1, 2, 3
            FROM system_info CROSS JOIN generate_series(0, 2) AS d;
            INSERT INTO device_daily_stats (date, client_id, device_index, device_name, total_heartbeats,
                sum_utilization, sum_temperature, sum_power_usage, sum_memory_usage, last_heartbeat)
            SELECT date, client_id, 0, 'NVIDIA H100 PCIe', 1, 1, 2, 3, 4, last_heartbeat FROM client_daily_stats;
            INSERT INTO heartbeat (client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down, timestamp)
            SELECT client_id, 1, 2, 3, 4, 5, heartbeat_at FROM system_info;
            ANALYZE""";

    private static Database database;

    @Parameter
    PostgresVersion version;

    @BeforeParameterizedClassInvocation
    static void store(PostgresVersion version) {
        database = version.database();
        database.execute(FLEET);
    }

    /** Returns the plans of the statements of a question. */
    private static List<String> plans(Consumer<HeartbeatQueries> question) {
        WatchedDataSource source = new WatchedDataSource(database.dataSource());
        question.accept(StoredHeartbeats.queries(source));
        return source.prepared().stream()
                .filter(sql -> sql.startsWith("SELECT"))
                .map(HeartbeatPlansTest::plan)
                .toList();
    }

    private static String plan(String sql) {
        List<String> parts = List.of(sql.split("\\?", -1));
        StringBuilder numbered = new StringBuilder(parts.get(0));
        for (int i = 1; i < parts.size(); i++) {
            numbered.append('$').append(i).append(parts.get(i));
        }
        String nulls = String.join(", ", Collections.nCopies(parts.size() - 1, "NULL"));
        return explain(numbered.toString(), nulls.isEmpty() ? "" : "(" + nulls + ")");
    }

    private static String explain(String sql, String nulls) {
        try (Connection connection = database.newConnections().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET plan_cache_mode = force_generic_plan; PREPARE question AS " + sql);
            try (ResultSet lines = statement.executeQuery("EXPLAIN EXECUTE question" + nulls)) {
                StringBuilder plan = new StringBuilder();
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
                return plan.toString();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Test
    void noQuestion_readsHeartbeats() {
        List<String> plans = plans(HeartbeatQueriesTest::askAll);
        assertThat(plans).hasSizeGreaterThan(8).noneMatch(plan -> plan.contains(" on heartbeat"));
    }

    @Test
    void questionsOfAClient_readItsRows() {
        DailyQuery days = DailyQuery.builder(ID).build();
        List<String> plans = new ArrayList<>();
        plans.addAll(plans(queries -> queries.state(ID)));
        plans.addAll(plans(queries -> queries.devices(
                MachineFilter.builder().client(ID).seenSince(NOON).build())));
        plans.addAll(plans(queries -> queries.dailyStatistics(days)));
        plans.addAll(plans(queries -> queries.deviceStatistics(days)));
        assertThat(plans)
                .hasSize(9)
                .allSatisfy(plan -> assertThat(plan)
                        .containsPattern("Index Cond: \\(+client_id = ")
                        .doesNotContain("Seq Scan"));
    }

    @Test
    void pages_areReadInTheirOrder() {
        assertThat(plans(queries -> queries.machines(MachineFilter.all())).get(0))
                .contains("Index Scan using system_info_pkey")
                .doesNotContain("Sort", "Seq Scan");
        assertThat(plans(queries -> queries.devices(MachineFilter.all())).get(0))
                .contains("Index Scan using device_info_pkey")
                .doesNotContain("Sort", "Seq Scan");
    }

    /** There is no index on the time of the newest heartbeat, which changes with each. */
    @Test
    void quiet_readsTheTableOfMachines() {
        assertThat(plans(queries -> queries.quiet(NOON, 10)).get(0)).contains("Seq Scan on system_info");
    }
}
