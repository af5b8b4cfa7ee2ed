package io.gpufleet.telemetry.jdbc.config;

import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** The values that can be stored for a service, and their effects; every test has a service of its own. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class ConsumerConfigsTableTest {
    private static final int WAIT_MILLIS = (int) Duration.ofSeconds(30).toMillis();
    private static final AtomicInteger SERVICES = new AtomicInteger();

    private static Database database;

    private final String name = "service-" + SERVICES.incrementAndGet();

    @Parameter
    PostgresVersion version;

    @BeforeParameterizedClassInvocation
    static void install(PostgresVersion version) {
        database = version.database();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            max_poll_records_1_to_5000 | max_poll_records = 1 | max_poll_records = 0
            max_poll_records_1_to_5000 | max_poll_records = 5000 | max_poll_records = 5001
            session_timeout_ms_above_2_heartbeat_interval_ms | session_timeout_ms = 40001 | session_timeout_ms = 40000
            session_timeout_ms_above_2_heartbeat_interval_ms | heartbeat_interval_ms = 29999 | heartbeat_interval_ms = 30000
            session_timeout_ms_above_2_heartbeat_interval_ms | heartbeat_interval_ms = 1 | heartbeat_interval_ms = 2147483647
            max_poll_interval_ms_above_session_timeout_ms | max_poll_interval_ms = 60001 | max_poll_interval_ms = 60000
            max_poll_interval_ms_above_session_timeout_ms | session_timeout_ms = 299999 | session_timeout_ms = 300000
            heartbeat_interval_ms_above_0 | heartbeat_interval_ms = 1 | heartbeat_interval_ms = 0
            partition_assignment_strategy_known | partition_assignment_strategy = 'range' | partition_assignment_strategy = ''
            partition_assignment_strategy_known | partition_assignment_strategy = 'roundrobin' | partition_assignment_strategy = 'round-robin'
            partition_assignment_strategy_known | partition_assignment_strategy = 'sticky' | partition_assignment_strategy = 'STICKY'
            partition_assignment_strategy_known | partition_assignment_strategy = 'cooperative-sticky' | partition_assignment_strategy = 'x'
            auto_commit_interval_ms_0_or_more | auto_commit_interval_ms = 0 | auto_commit_interval_ms = -1
            auto_offset_reset_earliest_latest_or_none | auto_offset_reset = 'earliest' | auto_offset_reset = 'Earliest'
            auto_offset_reset_earliest_latest_or_none | auto_offset_reset = 'latest' | auto_offset_reset = ''
            auto_offset_reset_earliest_latest_or_none | auto_offset_reset = 'none' | auto_offset_reset = 'by_duration'
            fetch_min_bytes_0_or_more | fetch_min_bytes = 0 | fetch_min_bytes = -1
            fetch_max_bytes_above_0 | fetch_max_bytes = 1 | fetch_max_bytes = 0
            fetch_max_wait_ms_0_or_more | fetch_max_wait_ms = 0 | fetch_max_wait_ms = -1
            max_partition_fetch_bytes_above_0 | max_partition_fetch_bytes = 1 | max_partition_fetch_bytes = 0
            request_timeout_ms_above_0 | request_timeout_ms = 1 | request_timeout_ms = 0
            retry_backoff_ms_0_or_more | retry_backoff_ms = 0 | retry_backoff_ms = -1
            reconnect_backoff_ms_0_or_more | reconnect_backoff_ms = 0 | reconnect_backoff_ms = -1
            reconnect_backoff_max_ms_at_least_reconnect_backoff_ms | reconnect_backoff_max_ms = 50 | reconnect_backoff_max_ms = 49
            connections_max_idle_ms_above_0 | connections_max_idle_ms = 1 | connections_max_idle_ms = 0
            isolation_level_read_uncommitted_or_read_committed | isolation_level = 'read_committed' | isolation_level = ''
            batch_max_records_1_to_1000000 | batch_max_records = 1 | batch_max_records = 0
            batch_max_records_1_to_1000000 | batch_max_records = 1000000 | batch_max_records = 1000001
            batch_max_bytes_1_or_more | batch_max_bytes = 1 | batch_max_bytes = 0
            batch_linger_ms_0_to_3600000 | batch_linger_ms = 0 | batch_linger_ms = -1
            batch_linger_ms_0_to_3600000 | batch_linger_ms = 3600000 | batch_linger_ms = 3600001
            consumer_group_id_not_blank | consumer_group_id = 'g' | consumer_group_id = ''
            consumer_group_id_not_blank | consumer_group_id = ' g' | consumer_group_id = ' '
            service_name_not_blank | description = 'x' | service_name = ''
            service_name_not_blank | description = 'x' | service_name = ' '""")
    void check_refusesWhatIsBesideTheEdge(String check, String allowed, String refused) {
        database.execute(service(name, allowed));
        assertThatThrownBy(() -> database.execute("UPDATE pipeline_consumer_configs SET " + refused + where()))
                .rootCause()
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("violates check constraint \"" + check + "\"");
    }

    @Test
    void everySetting_mayBeLeftUnsetAndIs() {
        database.execute("INSERT INTO pipeline_consumer_configs (service_name) VALUES ('" + name + "')");

        assertThat(database.rows("SELECT key FROM pipeline_consumer_configs AS c, jsonb_each(to_jsonb(c))" + where()
                        + " AND value <> 'null' ORDER BY 1"))
                .containsExactly("created_at", "service_name", "updated_at");
    }

    @Test
    void update_movesUpdatedAt() {
        database.execute(
                service(name, "") + "; UPDATE pipeline_consumer_configs SET created_at = '2020-01-01'" + where());
        database.execute("ALTER TABLE pipeline_consumer_configs DISABLE TRIGGER pipeline_consumer_configs_touch;"
                + " UPDATE pipeline_consumer_configs SET updated_at = '2020-01-01'" + where()
                + "; ALTER TABLE pipeline_consumer_configs ENABLE TRIGGER pipeline_consumer_configs_touch");

        database.execute("UPDATE pipeline_consumer_configs SET updated_at = '2021-01-01'" + where());

        assertThat(database.row("SELECT created_at < '2020-02-01', now() - updated_at < interval '1 minute'"
                        + " FROM pipeline_consumer_configs" + where()))
                .isEqualTo("t|t");
    }

    @Test
    void changes_areRecordedOneByOne() {
        database.execute(service(name, ""));
        assertThat(changes()).containsExactly("consumer_group_id|null|" + name + "-group", "service_name|null|" + name);

        forgetChanges();
        database.execute("UPDATE pipeline_consumer_configs SET max_poll_records = 5, description = 'slow',"
                + " fetch_min_bytes = 1" + where());
        database.execute("UPDATE pipeline_consumer_configs SET description = NULL" + where());
        assertThat(changes())
                .containsExactly(
                        "description|null|slow",
                        "fetch_min_bytes|null|1",
                        "max_poll_records|null|5",
                        "description|slow|null");

        forgetChanges();
        database.execute("DELETE FROM pipeline_consumer_configs" + where());
        assertThat(changes()).hasSize(4).contains("max_poll_records|5|null", "service_name|" + name + "|null");
        assertThat(database.rows("SELECT DISTINCT changed_by, now() - changed_at < interval '1 minute'"
                        + " FROM consumer_config_changes WHERE service_name = '" + name + "'"))
                .containsExactly("postgres|t");
    }

    @Test
    void aRename_isRecordedUnderTheNewName() {
        database.execute(service(name + "-old", ""));
        database.execute("UPDATE pipeline_consumer_configs SET service_name = '" + name + "' WHERE service_name = '"
                + name + "-old'");
        assertThat(changes()).containsExactly("service_name|" + name + "-old|" + name);
    }

    @Test
    void listeners_hearWhichServiceHasChanged() throws SQLException {
        try (Connection connection = listen()) {
            assertThat(heard(connection, service(name, ""))).containsExactly(name);
            assertThat(heard(connection, "UPDATE pipeline_consumer_configs SET max_poll_records = 5" + where()))
                    .containsExactly(name);
            assertThat(heard(
                            connection,
                            "UPDATE pipeline_consumer_configs SET service_name = '" + name + "-new'" + where()))
                    .containsExactly(name, name + "-new");
            assertThat(heard(
                            connection,
                            "DELETE FROM pipeline_consumer_configs WHERE service_name = '" + name + "-new'"))
                    .containsExactly(name + "-new");
        }
    }

    /** The longest payload has 7999 bytes; these letters have two each. */
    @Test
    void listeners_hearNoNameThatDoesNotFit() throws SQLException {
        String fits = "'" + name + "' || repeat('ä', (7999 - octet_length('" + name + "')) / 2)";
        String insert = "INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id) VALUES (";
        try (Connection connection = listen()) {
            assertThat(heard(connection, insert + fits + ", 'g')"))
                    .first()
                    .asString()
                    .startsWith(name + "ää");
            assertThat(heard(connection, insert + fits + " || 'äb', 'g')")).containsExactly("");
        }
    }

    @Test
    void listeners_hearThatAllRowsAreGone() throws SQLException {
        Database own = version.database();
        try (Connection connection = listen(own)) {
            own.execute("TRUNCATE pipeline_consumer_configs");
            assertThat(payloads(connection)).containsExactly("");
        }
    }

    private static Connection listen() throws SQLException {
        return listen(database);
    }

    private static Connection listen(Database where) throws SQLException {
        Connection connection = where.dataSource().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN pipeline_consumer_configs");
        }
        return connection;
    }

    private static List<String> heard(Connection connection, String sql) throws SQLException {
        database.execute(sql);
        return payloads(connection);
    }

    private static List<String> payloads(Connection connection) throws SQLException {
        PGNotification[] heard = connection.unwrap(PGConnection.class).getNotifications(WAIT_MILLIS);
        return Arrays.stream(heard).map(PGNotification::getParameter).toList();
    }

    private String where() {
        return " WHERE service_name = '" + name + "'";
    }

    private List<String> changes() {
        return database.rows(
                "SELECT setting, old_value, new_value FROM consumer_config_changes" + where() + " ORDER BY id");
    }

    private void forgetChanges() {
        database.execute("DELETE FROM consumer_config_changes" + where());
    }
}
