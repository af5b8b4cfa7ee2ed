package io.gpufleet.telemetry.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class StagedStatementTest {

    @Test
    void insertBehindASavepoint_readsItsRowsFromTheTable() {
        StagedStatement statement = StagedStatement.of(
                3,
                "SAVEPOINT s1; INSERT INTO t (a, b) SELECT u.c0 AS a, u.c1 AS b"
                        + " FROM unnest(?::bytea[], ?::int8[]) AS u(c0, c1); RELEASE SAVEPOINT s1");
        assertThat(statement.createTable())
                .isEqualTo("CREATE UNLOGGED TABLE staged_3 (session integer, batch integer, number bigint, c0 bytea,"
                        + " c1 int8, PRIMARY KEY (session, batch, number))");
        assertThat(statement.stage())
                .isEqualTo("INSERT INTO staged_3 (c0, c1, number, session, batch) SELECT u.*, ?::integer, ?::integer"
                        + " FROM unnest(?::bytea[], ?::int8[]) WITH ORDINALITY AS u");
        assertThat(statement.replay("group"))
                .isEqualTo("INSERT INTO t (a, b) SELECT u.c0 AS a, u.c1 AS b FROM (SELECT c0, c1 FROM staged_3"
                        + " WHERE session = this_session AND batch = this_batch ORDER BY number) AS u(c0, c1);");
    }

    @Test
    void numberedRows_keepTheirNumbers() {
        StagedStatement statement = StagedStatement.of(
                0, "WITH i AS (SELECT u.* FROM unnest(?::int4[]) WITH ORDINALITY AS u(c0, n)) SELECT n FROM i");
        assertThat(statement.replay("group"))
                .isEqualTo("FOR ignored_row IN WITH i AS (SELECT u.* FROM (SELECT c0, number FROM staged_0"
                        + " WHERE session = this_session AND batch = this_batch ORDER BY number) AS u(c0, n))"
                        + " SELECT n FROM i LOOP END LOOP;");
    }

    @Test
    void group_isWrittenOut() {
        StagedStatement statement = StagedStatement.of(
                0, "SELECT o.p FROM o JOIN unnest(?::text[]) AS r(t) ON o.t = r.t WHERE o.group_id = ? FOR UPDATE");
        assertThat(statement.replay("group-1")).contains("WHERE o.group_id = 'group-1' FOR UPDATE LOOP END LOOP;");
    }

    @Test
    void statementWithoutArrays_isRefused() {
        assertThatThrownBy(() -> StagedStatement.of(0, "SELECT 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SELECT 1");
    }
}
