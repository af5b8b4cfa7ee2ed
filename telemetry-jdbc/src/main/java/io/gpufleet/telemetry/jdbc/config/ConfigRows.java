package io.gpufleet.telemetry.jdbc.config;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumMap;
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
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code pipeline_consumer_configs}. Only the columns of {@link ConsumerSetting} are read; other columns do
 * not matter. Thread-safe.
 */
final class ConfigRows {
    private static final String TABLE = "pipeline_consumer_configs";
    private static final List<String> COLUMNS =
            Arrays.stream(ConsumerSetting.values()).map(ConsumerSetting::column).toList();
    private static final Row NONE = new Row(new EnumMap<>(ConsumerSetting.class), null);

    private final Transactions transactions;
    private final String table;

    ConfigRows(DataSource dataSource, Optional<String> schema) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
        this.table = Identifier.qualify(schema, TABLE);
    }

    /**
     * A row as stored, valid or not.
     *
     * @param said the values that the row sets
     * @param description the description of the service for operators
     */
    private record Row(
            Map<ConsumerSetting, Object> said, @Nullable String description) {
        static Row of(ResultSet row) throws SQLException {
            Map<ConsumerSetting, Object> said = new EnumMap<>(ConsumerSetting.class);
            for (ConsumerSetting setting : ConsumerSetting.values()) {
                Object value = row.getObject(setting.column());
                if (value != null) {
                    said.put(setting, value);
                }
            }
            return new Row(said, row.getString("description"));
        }

        ConsumerSettings settings(String service) {
            ConsumerSettings.Builder settings =
                    ConsumerSettings.builder(service).description(description);
            said.forEach((setting, value) -> settings.set(setting, value, SettingOrigin.ROW));
            return settings.build();
        }

        Row with(RowEdit edit) {
            Map<ConsumerSetting, Object> changed = new EnumMap<>(said);
            changed.putAll(edit.values());
            changed.keySet().removeAll(edit.unset());
            return new Row(changed, description);
        }

        /** Returns the settings whose values differ in the other row. */
        List<SettingChange> changesTo(Row after) {
            return Arrays.stream(ConsumerSetting.values())
                    .map(setting -> new SettingChange(
                            setting,
                            Optional.ofNullable(said.get(setting)),
                            Optional.ofNullable(after.said.get(setting))))
                    .filter(change -> !change.oldValue().equals(change.newValue()))
                    .toList();
        }
    }

    /** Reads the row of a service; absent if there is none. */
    Optional<ConsumerSettings> find(String service) {
        return inTransaction(service, handle -> find(handle, service, "")).map(row -> row.settings(service));
    }

    private Optional<Row> find(Handle handle, String service, String lock) {
        return handle.createQuery("SELECT description, " + String.join(", ", COLUMNS) + " FROM " + table
                        + " WHERE service_name = :service" + lock)
                .bind("service", service)
                .map((row, context) -> Row.of(row))
                .findOne();
    }

    /** Returns whether a service has a row. */
    boolean has(String service) {
        return inTransaction(service, handle -> find(handle, service, "")).isPresent();
    }

    /**
     * Changes the row of a service, or creates it, in one transaction. Writes only the named settings.
     *
     * @return the changes of the row
     */
    List<SettingChange> change(String service, RowEdit edit) {
        return inTransaction(service, handle -> {
            Optional<Row> row = find(handle, service, " FOR UPDATE");
            Row before = row.orElse(NONE);
            Row after = checked(service, before.with(edit));
            if (row.isEmpty()) {
                insert(handle, service, after.said());
            } else if (!edit.isEmpty()) {
                update(handle, service, edit);
            }
            return before.changesTo(after);
        });
    }

    /** Returns the changes that {@link #change} would make. */
    List<SettingChange> dryRun(String service, RowEdit edit) {
        Row before = inTransaction(service, handle -> find(handle, service, "")).orElse(NONE);
        return before.changesTo(checked(service, before.with(edit)));
    }

    private static Row checked(String service, Row row) {
        row.settings(service);
        return row;
    }

    private void insert(Handle handle, String service, Map<ConsumerSetting, Object> said) {
        String columns =
                said.keySet().stream().map(setting -> ", " + setting.column()).collect(Collectors.joining());
        String values =
                said.keySet().stream().map(setting -> ", :" + setting.column()).collect(Collectors.joining());
        Update insert = handle.createUpdate(
                "INSERT INTO " + table + " (service_name" + columns + ") VALUES (:service" + values + ")");
        said.forEach((setting, value) -> insert.bind(setting.column(), value));
        insert.bind("service", service).execute();
    }

    private void update(Handle handle, String service, RowEdit edit) {
        String assignments = Stream.concat(
                        edit.values().keySet().stream().map(setting -> setting.column() + " = :" + setting.column()),
                        edit.unset().stream().map(setting -> setting.column() + " = NULL"))
                .collect(Collectors.joining(", "));
        Update update =
                handle.createUpdate("UPDATE " + table + " SET " + assignments + " WHERE service_name = :service");
        edit.values().forEach((setting, value) -> update.bind(setting.column(), value));
        update.bind("service", service).execute();
    }

    /** Returns the names of all services that have a row, in their order. */
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
