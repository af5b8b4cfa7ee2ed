package io.gpufleet.telemetry.jdbc;

import java.util.List;
import java.util.Optional;

/**
 * A group of tables that a host asks for together, with the migrations that create them. Each capability has its own
 * directory of migrations and its own history, so it can be added to a database that already has others, with version
 * numbers of its own. Immutable.
 */
interface Capability {

    /** Returns the name of the migration directory, which is also part of the history table's name. */
    String name();

    /**
     * Returns the migration files below the directory, in the order in which they run. A directory that is named here
     * runs all of its files.
     */
    List<String> files();

    /** Returns the expected shapes of the tables. */
    List<TableShape> tables();

    /**
     * Refuses existing tables that the migrations would not turn into the requested ones. Tables of other shapes are
     * refused anyway, as long as the history is missing.
     *
     * @throws io.gpufleet.telemetry.TelemetryException with the table and the fix
     */
    default void refuse(Catalog catalog, Optional<String> schema) {}

    /** Returns the table that holds the history of the migrations. */
    default String history() {
        return "telemetry_" + name() + "_history";
    }

    /** Returns the resource paths of the migrations, in the order in which they run. */
    default List<String> migrations() {
        return files().stream()
                .map(file -> "io/gpufleet/telemetry/jdbc/migration/" + name() + '/' + file)
                .toList();
    }

    /** Returns the directories of the migrations. */
    default List<String> directories() {
        return migrations().stream()
                .map(path -> path.substring(0, path.lastIndexOf('/')))
                .distinct()
                .toList();
    }
}
