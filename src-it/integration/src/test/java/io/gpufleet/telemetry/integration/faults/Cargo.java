package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.TestRecord;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The kind of data that a fault run sends, and the rows that the tables must have of it, computed without any code of
 * the consumer.
 */
interface Cargo {

    /** Returns the name of the consumer's setting. */
    String name();

    /** Returns endless records, a small share of them refused as a whole or in part; another seed has other senders. */
    Iterator<TestRecord> records(long seed);

    /** Returns whether all of a record can be stored. */
    boolean isGood(TestRecord record);

    /** Creates the tables. */
    void install(DataSource owner, boolean partitionedByDay);

    /** Returns the partitioned tables, the first of which loses a day; their days belong to the consumer's role. */
    List<String> partitionedTables(boolean partitionedByDay);

    /** Returns whether the days of the tables are compacted and dropped meanwhile. */
    default boolean isCompacted() {
        return false;
    }

    /** Reads which days are kept, before the rows of the tables are asked for. */
    default void look(DataSource database) {}

    /** Returns a table that every batch with a good record writes. */
    String writtenTable();

    /** Returns whether a record must be stored, all of it or some. */
    boolean isAccepted(LogRecord record);

    /** Returns the number of a record's values that must be refused; 1 if nothing of it can be read. */
    int refusedValues(LogRecord record);

    /** Returns the tables to compare. */
    List<StoredTable> tables();

    /** Adds the rows of all accepted records that were not lost. */
    void putRows(Collection<LogRecord> accepted, Map<StoredTable, Map<String, String>> tables);

    /**
     * Returns what else is wrong in the tables, one line for each fault.
     *
     * @param accepted all accepted records that were not lost
     */
    List<String> complaints(Collection<LogRecord> accepted, DataSource database);

    /** Returns SQL that makes the tables wrong, each in another way. */
    List<String> corruptions();
}
