package io.gpufleet.telemetry.jdbc;

import java.util.List;
import java.util.Optional;

/**
 * Tables that a host asks for together, and the migrations that make them. Each capability has a directory of
 * migrations and a history of its own: it is added to a database that has others, and its versions count apart from
 * theirs. Immutable.
 */
interface Capability {

    /** The name of its directory, and part of that of its history. */
    String name();

    /**
     * The files of its migrations, below its directory, in the order in which they run. All files of a directory that
     * is named here are run.
     */
    List<String> files();

    /** What is expected of its tables. */
    List<TableShape> tables();

    /**
     * Refuses tables that are there and that its migrations would not turn into what was asked for. Other shapes are
     * refused in any case, as long as its history is missing.
     *
     * @throws io.gpufleet.telemetry.TelemetryException that names the table and what helps
     */
    default void refuse(Catalog catalog, Optional<String> schema) {}

    /** The table that says which of its migrations were run. */
    default String history() {
        return "telemetry_" + name() + "_history";
    }

    /** The resources of its migrations, in the order in which they run. */
    default List<String> migrations() {
        return files().stream()
                .map(file -> "io/gpufleet/telemetry/jdbc/migration/" + name() + '/' + file)
                .toList();
    }

    /** The directories that these lie in. */
    default List<String> directories() {
        return migrations().stream()
                .map(path -> path.substring(0, path.lastIndexOf('/')))
                .distinct()
                .toList();
    }
}
