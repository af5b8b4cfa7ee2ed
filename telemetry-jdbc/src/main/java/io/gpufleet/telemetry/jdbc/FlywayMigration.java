package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * The migration of a capability with Flyway. The only class that names Flyway, so that everything else works without
 * it. Its history table is separate from that of the host's migrations.
 */
final class FlywayMigration {
    private static final String DATABASE_TYPE = "org.flywaydb.database.postgresql.PostgreSQLDatabaseType";

    private FlywayMigration() {}

    static void run(DataSource dataSource, Optional<String> schema, Capability capability) {
        FluentConfiguration configuration = Flyway.configure(FlywayMigration.class.getClassLoader())
                .dataSource(dataSource)
                .locations(capability.directories().stream()
                        .map(path -> "classpath:" + path)
                        .toArray(String[]::new))
                .table(capability.history())
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .placeholderReplacement(false)
                .validateMigrationNaming(true);
        schema.ifPresent(name -> configuration.schemas(name).createSchemas(true));
        try {
            configuration.load().migrate();
        } catch (FlywayException e) {
            if (SqlFailure.isMissingRight(e)) {
                throw SqlFailure.toSinkException(
                        "Cannot install the telemetry tables",
                        false,
                        SqlFailure.behind(e).orElseThrow(() -> e));
            }
            throw new TelemetryException("Cannot install the telemetry tables: " + e.getMessage() + advice(), e);
        }
    }

    private static String advice() {
        try {
            Class.forName(DATABASE_TYPE, false, Flyway.class.getClassLoader());
            return "";
        } catch (ClassNotFoundException e) {
            return ". Flyway needs org.flywaydb:flyway-database-postgresql in the same version as flyway-core";
        }
    }
}
