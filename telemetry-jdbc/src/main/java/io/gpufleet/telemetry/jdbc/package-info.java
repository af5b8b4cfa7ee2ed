/**
 * Batches to PostgreSQL in one transaction each, with the positions of their group.
 *
 * <p>The rooms of the engine, in the order in which a batch passes through them. A test checks that every class is in
 * one room, and that there are no cycles between rooms:
 *
 * <ul>
 *   <li><b>sink</b> (PostgresSink, Enrichment, GroupWriter, RefusedValues, ReadOnly, PoolSettings): the enriched values
 *       of a batch in one transaction.
 *   <li><b>bookkeeping</b> (Fence, Positions, NewestRecords, DeadLetterRows, Parameters): positions compared and moved,
 *       gaps, dead letters.
 *   <li><b>steps</b> (Step, Steps, WriteContext, Insertion, InsertOnce, CompactedHours, CompactedRows, UnpackedRows,
 *       OptimisticInsert, BinaryCopy, BinaryForm, InsertAll, Fold, MergeStatements, FoldedDays, Recompute, NewestSet,
 *       ReplaceNewestSet, NewestStates, DistinctRows, InsertMissing, InsertContents, Conflicts, RecordFault, HookStep,
 *       HookConnection, TransactionHook, OutcomeHook, OwnPositions, Rights): the rows of a batch, one statement a
 *       table.
 *   <li><b>days</b> (DayPartitions, KeptDays, RecentDay, RowDays): the partitions that a batch needs.
 *   <li><b>tables</b> (PostgresTable, Dimension, ContentHash, Numbers, PartitionKey, Column, ColumnType, Merge,
 *       MergeSql, TableShape, TableSql, CompactedSql, EncodedRows, RowOrder, WireColumn, WireType, WireTime, WireArray,
 *       StorableText, TextEncoding): tables declared by their columns, their SQL, and values on the wire.
 *   <li><b>schema</b> (TelemetrySchema, Capability, BaseCapability, HeartbeatCapability, ConsumerConfigCapability,
 *       GpuSampleCapability, GpuLayout, FlywayMigration, InstallRights, Catalog): the telemetry tables, installed and
 *       verified.
 *   <li><b>retention</b> (RetentionJob, RetentionTurns, TableRetention, OldDays, UnusedContents): old days dropped.
 *   <li><b>replay</b> (DeadLetterReplayer, DeadLetterSelection, Replay, ReplayResult, ReplayTally, PipelineReplay,
 *       LetterPart, StoredLetter, StoredLetters): dead letters through the steps again.
 * </ul>
 */
@NullMarked
package io.gpufleet.telemetry.jdbc;

import org.jspecify.annotations.NullMarked;
