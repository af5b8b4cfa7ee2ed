package io.gpufleet.telemetry.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.function.Consumer;

/** Pools of connections, as hosts use them. */
public final class Pools {
    private Pools() {}

    public static HikariDataSource of(Database database, int size) {
        return of(database, size, settings -> {});
    }

    public static HikariDataSource of(Database database, int size, Consumer<HikariConfig> more) {
        HikariConfig settings = new HikariConfig();
        settings.setDataSource(database.dataSource());
        settings.setMaximumPoolSize(size);
        settings.setConnectionTimeout(1_000);
        more.accept(settings);
        return new HikariDataSource(settings);
    }
}
