package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/** The newest and the oldest supported PostgreSQL, each a server that all tests of this JVM share. */
public enum PostgresVersion {
    POSTGRES_18 {
        @Override
        Installation installation() {
            return Newest.INSTALLATION;
        }
    },
    POSTGRES_14 {
        @Override
        Installation installation() {
            return Oldest.INSTALLATION;
        }
    };

    abstract Installation installation();

    public PostgresServer server() {
        return installation().server;
    }

    /** Returns a database without any table. */
    public Database emptyDatabase() {
        return installation().use(server().newDatabase());
    }

    /** Returns a database with the telemetry tables. */
    public Database database() {
        return installation().use(server().newDatabase(installation().template));
    }

    /** Returns a database with the tables of GPU samples only. */
    public Database gpuDatabase(GpuLayout layout) {
        return installation().use(server().newDatabase(installation().gpuTemplate(layout)));
    }

    /** A server with a database that others are copied from. */
    public static final class Installation {
        /** More than a test uses; the databases of earlier tests are dropped, since their files may lie in memory. */
        private static final int KEPT = 20;

        private final PostgresServer server;
        private final PostgresDatabase template;
        private final Map<GpuLayout, PostgresDatabase> gpuTemplates = new EnumMap<>(GpuLayout.class);
        private final Deque<PostgresDatabase> used = new ArrayDeque<>();

        private Installation(PostgresServer.Builder builder) {
            this.server = builder.start();
            this.template = server.newDatabase();
            TelemetrySchema.create(template.dataSource()).install();
        }

        private synchronized PostgresDatabase gpuTemplate(GpuLayout layout) {
            return gpuTemplates.computeIfAbsent(layout, missing -> {
                PostgresDatabase made = server.newDatabase();
                TelemetrySchema.builder(made.dataSource())
                        .gpuSamples(layout)
                        .build()
                        .install();
                return made;
            });
        }

        private synchronized Database use(PostgresDatabase next) {
            used.add(next);
            if (used.size() > KEPT) {
                server.drop(used.remove());
            }
            return new Database(next.jdbcUrl());
        }
    }

    private static final class Newest {
        static final Installation INSTALLATION = new Installation(PostgresServer.builder());
    }

    private static final class Oldest {
        static final Installation INSTALLATION = new Installation(
                PostgresServer.builder().binaries(Path.of(System.getProperty("telemetry.postgres14"))));
    }
}
