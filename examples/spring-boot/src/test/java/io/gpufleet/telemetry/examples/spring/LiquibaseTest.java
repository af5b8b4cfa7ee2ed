package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.DefaultResourceLoader;

/** A host that migrates with Liquibase shares a database with the SDK, and neither touches the other's tables. */
@TelemetryStackTest
final class LiquibaseTest {
    /** Kept here, since an unreferenced logger forgets its level. */
    private static final Logger LOG = Logger.getLogger("liquibase");

    private static final List<String> OF_THE_HOST =
            List.of("databasechangelog", "databasechangeloglock", "machine_owner");

    @BeforeAll
    static void beQuiet() {
        LOG.setLevel(Level.WARNING);
    }

    @Test
    void liquibaseFirst_isUndisturbed(TelemetryStack stack) throws LiquibaseException {
        Database database = new Database(stack.newDatabase().dataSource());
        migrateHost(database);
        List<String> log = changeLog(database);
        install(database);

        assertThat(database.tables("public")).isEqualTo(OF_THE_HOST);
        migrateHost(database);
        assertThat(changeLog(database)).hasSize(1).isEqualTo(log);
    }

    @Test
    void installFirst_isUndisturbed(TelemetryStack stack) throws LiquibaseException {
        Database database = new Database(stack.newDatabase().dataSource());
        install(database);
        List<String> tables = database.tables("telemetry");
        List<String> history = history(database);
        migrateHost(database);

        assertThat(database.tables("public")).isEqualTo(OF_THE_HOST);
        install(database);
        assertThat(database.tables("telemetry")).contains("heartbeat").isEqualTo(tables);
        assertThat(history(database)).isNotEmpty().isEqualTo(history);
    }

    private static void migrateHost(Database database) throws LiquibaseException {
        SpringLiquibase liquibase = new SpringLiquibase();
        liquibase.setDataSource(database.source());
        liquibase.setResourceLoader(new DefaultResourceLoader());
        liquibase.setChangeLog("classpath:db/changelog/host.sql");
        liquibase.setAnalyticsEnabled(false);
        liquibase.afterPropertiesSet();
    }

    private static void install(Database database) {
        TelemetrySchema.builder(database.source()).schema("telemetry").build().install();
    }

    private static List<String> changeLog(Database database) {
        return database.column("SELECT databasechangelog::text FROM databasechangelog");
    }

    private static List<String> history(Database database) {
        return database.column("SELECT h::text FROM telemetry.telemetry_base_history AS h"
                + " UNION ALL SELECT h::text FROM telemetry.telemetry_heartbeats_history AS h"
                + " UNION ALL SELECT h::text FROM telemetry.telemetry_consumer_configs_history AS h ORDER BY 1");
    }
}
