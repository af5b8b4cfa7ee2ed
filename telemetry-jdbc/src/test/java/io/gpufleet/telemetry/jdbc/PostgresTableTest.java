package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.NewestHeartbeat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

final class PostgresTableTest {
    private static final PostgresTable<NewestHeartbeat> HEADS = PostgresTable.<NewestHeartbeat>builder("system_info")
            .key("client_id", ColumnType.BYTEA, n -> n.clientId().toBytes())
            .max("heartbeat_at", ColumnType.TIMESTAMPTZ, NewestHeartbeat::time)
            .build();
    private static final PostgresTable<NewestHeartbeat> MEMBERS = PostgresTable.<NewestHeartbeat>builder("device_info")
            .key("client_id", ColumnType.BYTEA, n -> n.clientId().toBytes())
            .key("device_index", ColumnType.INTEGER, n -> 0)
            .max("heartbeat_at", ColumnType.TIMESTAMPTZ, NewestHeartbeat::time)
            .build();

    private static final PostgresTable<Delivery<Heartbeat>> WITH_SUM = PostgresTable.<Delivery<Heartbeat>>builder("t")
            .key("id", ColumnType.BIGINT, Delivery::offset)
            .sum("n", ColumnType.BIGINT, d -> 1L)
            .build();

    @Test
    void sum_refusesWhatDependsOnTheOrder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table().sum("x", ColumnType.FLOAT8, Double::valueOf))
                .withMessage(
                        "sum: column \"x\" is double precision, whose sum is not exact in any order; sum an integer"
                                + " type or numeric");
        assertThatIllegalArgumentException().isThrownBy(() -> table().sum("x", ColumnType.TEXT, s -> s));
    }

    @Test
    void saturatingSum_takesIntegersOnly() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table().saturatingSum("x", ColumnType.NUMERIC, s -> null))
                .withMessage("saturatingSum: column \"x\" is numeric, which is not an integer type");
    }

    @Test
    void keysAndExtremes_refuseWhatIsNotCompared() {
        for (ColumnType<?> type :
                List.of(ColumnType.JSONB, ColumnType.TEXT_ARRAY, ColumnType.DOUBLE_ARRAY, ColumnType.REAL_ARRAY)) {
            String why = " column \"x\" is " + type
                    + ", which cannot be compared or merged; declare it with keep or newestBy";
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table().key("x", type, s -> null))
                    .withMessage("key:" + why);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table().min("x", type, s -> null))
                    .withMessage("min:" + why);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table().max("x", type, s -> null))
                    .withMessage("max:" + why);
            assertThatIllegalArgumentException().isThrownBy(() -> table().sum("x", type, s -> null));
            assertThatIllegalArgumentException().isThrownBy(() -> table().saturatingSum("x", type, s -> null));
            table().max("v", ColumnType.TEXT, s -> s)
                    .keep("x", type, s -> null)
                    .newestBy("v", "y", type, s -> null)
                    .build();
        }
    }

    @Test
    void names_areCheckedAndQuoted() {
        for (String name : new String[] {"", "1a", "a b", "a\"b", "a;b", "ä", "a".repeat(64)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PostgresTable.builder(name))
                    .withMessageContaining("\"" + name + "\" is not a name");
            assertThatIllegalArgumentException().isThrownBy(() -> table().schema(name));
            assertThatIllegalArgumentException().isThrownBy(() -> table().updatedAt(name));
            assertThatIllegalArgumentException().isThrownBy(() -> table().keep(name, ColumnType.TEXT, s -> s));
        }
    }

    @Test
    void build_checksTheColumnsTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresTable.<String>builder("t")
                        .keep("a", ColumnType.TEXT, s -> s)
                        .build())
                .withMessage(
                        "table \"t\" has no key; declare one or more columns with key, which need not be unique for"
                                + " insertAll");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        table().newestBy("v", "b", ColumnType.TEXT, s -> s).build())
                .withMessage("column \"b\" is newest by \"v\", which is not declared with max");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table().keep("a", ColumnType.TEXT, s -> s))
                .withMessage("column \"a\" is declared already");
        assertThatNullPointerException()
                .isThrownBy(() -> table().keep("b", ColumnType.TEXT, null))
                .withMessage("value");
    }

    @Test
    void insertOnce_refusesATableThatMerges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresSink.<Heartbeat>builder(new PGSimpleDataSource())
                        .insertOnce(WITH_SUM))
                .withMessageContaining("table \"t\" merges columns");
    }

    @Test
    void newestSet_needsVersions() {
        PostgresTable<NewestHeartbeat> noVersion = PostgresTable.<NewestHeartbeat>builder("t")
                .key("client_id", ColumnType.BYTEA, n -> n.clientId().toBytes())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewestSet.of(NewestHeartbeat.aggregator(), noVersion))
                .withMessageContaining("table \"t\" needs exactly one max column");
        PostgresTable<String> otherKey = PostgresTable.<String>builder("m")
                .key("client_id", ColumnType.TEXT, s -> s)
                .max("v", ColumnType.TEXT, s -> s)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewestSet.of(NewestHeartbeat.aggregator(), HEADS)
                        .members(otherKey, "devices_at", n -> Optional.empty()))
                .withMessageContaining("table \"m\" lacks the key \"client_id\" (bytea) of table \"system_info\"");
    }

    @Test
    void newestSet_refusesAColumnOfTheHeadsForTheVersionOfTheMembers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewestSet.of(NewestHeartbeat.aggregator(), HEADS)
                        .members(MEMBERS, "heartbeat_at", n -> Optional.empty()))
                .withMessage("versionColumn: \"heartbeat_at\" is a column that table \"system_info\" declares");
    }

    @Test
    void timeouts_areChecked() {
        PostgresSink.Builder<Heartbeat> sink = PostgresSink.builder(new PGSimpleDataSource());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sink.lockTimeout(Duration.ZERO))
                .withMessageContaining("lockTimeout: PT0S");
        assertThatIllegalArgumentException().isThrownBy(() -> sink.statementTimeout(Duration.ofDays(30)));
        assertThatIllegalArgumentException().isThrownBy(() -> sink.idleInTransactionTimeout(Duration.ofMillis(-1)));
    }

    private static PostgresTable.Builder<String> table() {
        return PostgresTable.<String>builder("t").key("a", ColumnType.TEXT, s -> s);
    }
}
