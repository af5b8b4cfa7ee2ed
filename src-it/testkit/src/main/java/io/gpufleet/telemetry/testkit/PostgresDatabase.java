package io.gpufleet.telemetry.testkit;

import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One database of a {@link PostgresServer}. Immutable. */
public final class PostgresDatabase {
    private final int port;
    private final String name;

    PostgresDatabase(int port, String name) {
        this.port = port;
        this.name = name;
    }

    int port() {
        return port;
    }

    /**
     * Returns the name of the database.
     *
     * @return its name, which needs no quotes
     */
    public String name() {
        return name;
    }

    /**
     * Returns the JDBC URL.
     *
     * @return a URL with the superuser, who has no password
     */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + LoopbackPort.HOST + ":" + port + "/" + name + "?user=" + PostgresServer.USER;
    }

    /**
     * Returns a source of new connections of the superuser.
     *
     * @return a source without a pool
     */
    public DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl());
        return source;
    }

    @Override
    public String toString() {
        return jdbcUrl();
    }
}
