package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Update;

/**
 * The rows of {@code pipeline_consumer_configs}. Only the columns of {@link ConsumerSetting} are read, whatever else
 * the table has. Thread-safe.
 */
final class ConfigRows {
    private static final String TABLE = "pipeline_consumer_configs";
    private static final List<String> COLUMNS =
            Arrays.stream(ConsumerSetting.values()).map(ConsumerSetting::column).toList();

    private final Transactions transactions;
    private final String table;

    ConfigRows(DataSource dataSource, Optional<String> schema) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
        this.table = Identifier.qualify(schema, TABLE);
    }

    /** Reads the row of a service; absent if there is none. */
    Optional<ConsumerSettings> find(String service) {
        return inTransaction(service, handle -> find(handle, service, ""));
    }

    private Optional<ConsumerSettings> find(Handle handle, String service, String lock) {
        return handle.createQuery("SELECT description, " + String.join(", ", COLUMNS) + " FROM " + table
                        + " WHERE service_name = :service" + lock)
                .bind("service", service)
                .map((row, context) -> settings(service, row).build())
                .findOne();
    }

    private static ConsumerSettings.Builder settings(String service, ResultSet row) throws SQLException {
        ConsumerSettings.Builder settings = ConsumerSettings.builder(service).description(row.getString("description"));
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            Object value = row.getObject(setting.column());
            if (value != null) {
                settings.set(setting, value, SettingOrigin.ROW);
            }
        }
        return settings;
    }

    /**
     * Changes the row of a service, or makes one, in one transaction.
     *
     * @return the settings before
     */
    ConsumerSettings change(String service, Map<ConsumerSetting, ?> changes) {
        return inTransaction(service, handle -> {
            Optional<ConsumerSettings> row = find(handle, service, " FOR UPDATE");
            ConsumerSettings before = row.orElseGet(() -> ConsumerSettings.defaults(service));
            ConsumerSettings after = with(before, changes);
            if (row.isEmpty()) {
                insert(handle, after);
            } else if (!changes.isEmpty()) {
                update(handle, service, changes);
            }
            return before;
        });
    }

    /** The settings that a changed row would give. */
    static ConsumerSettings with(ConsumerSettings settings, Map<ConsumerSetting, ?> changes) {
        ConsumerSettings.Builder builder = settings.toBuilder();
        changes.forEach((setting, value) -> builder.set(setting, value, SettingOrigin.ROW));
        return builder.build();
    }

    private void insert(Handle handle, ConsumerSettings settings) {
        List<ConsumerSetting> said = Arrays.stream(ConsumerSetting.values())
                .filter(setting -> settings.value(setting).isPresent())
                .toList();
        String columns = said.stream().map(ConsumerSetting::column).collect(Collectors.joining(", "));
        String values = said.stream().map(setting -> ":" + setting.column()).collect(Collectors.joining(", "));
        Update insert = handle.createUpdate(
                "INSERT INTO " + table + " (service_name, " + columns + ") VALUES (:service, " + values + ")");
        said.forEach(
                setting -> insert.bind(setting.column(), settings.value(setting).orElseThrow()));
        insert.bind("service", settings.serviceName()).execute();
    }

    private void update(Handle handle, String service, Map<ConsumerSetting, ?> changes) {
        String assignments = changes.keySet().stream()
                .map(setting -> setting.column() + " = :" + setting.column())
                .collect(Collectors.joining(", "));
        Update update =
                handle.createUpdate("UPDATE " + table + " SET " + assignments + " WHERE service_name = :service");
        changes.forEach((setting, value) -> update.bind(setting.column(), value));
        update.bind("service", service).execute();
    }

    /** The names of all services that have a row, in their order. */
    List<String> services() {
        return inTransaction(
                TABLE, handle -> {
                    try (Stream<String> names = handle
                            .createQuery("SELECT service_name FROM " + table + " ORDER BY 1")
                            .mapTo(String.class)
                            .stream()) {
                        return names.toList();
                    }
                });
    }

    private <R> R inTransaction(String what, Function<Handle, R> work) {
        return transactions.call(what, connection -> Jdbi.create(connection).withHandle(work::apply));
    }
}
