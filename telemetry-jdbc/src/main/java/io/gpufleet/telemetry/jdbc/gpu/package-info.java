/**
 * GPU samples, events and assets into their tables, and assets out of theirs; their history from files and old tables;
 * old days as arrays.
 *
 * <p>The rooms of the engine. A test checks that every class is in one room, and that there are no cycles between
 * rooms:
 *
 * <ul>
 *   <li><b>samples</b> (GpuSampleSink, GpuTables, GpuSighting, GpuSightings, LabelJson): every sample once, and where
 *       GPUs were seen.
 *   <li><b>wide</b> (GpuMetricsSink, GpuMetricsTables, WideRows, WideFold, WideMerge, MemorySum, RowTime, EventRows,
 *       EventSightings): the readings of a GPU at a time in one row.
 *   <li><b>assets</b> (GpuAssets, GpuAssetEnricher, AssetCache, AssetTable): what is known of GPUs.
 *   <li><b>invariant</b> (GpuSampleInvariant, WideFromLong): the tables recomputed and compared.
 *   <li><b>files</b> (SampleFiles, FileImport, ImportSearch, ImportRows, ImportedRecords, FileChunk, FileChunks,
 *       MessageHalves, FileForm, FilePosition, FileText, TextRecords, RecordChecksum, RowQuotes, ChunkConflicts,
 *       TimelessSamples): files stored once, however often they are imported.
 *   <li><b>moving</b> (SampleTables, MoveSides, TableMove, HourMove, TableHour, TableRows, RowJson, FlatTable,
 *       FlatColumns, RowBatch, MoveRows, MoveComparison, LabelCounts): old tables, hour by hour.
 *   <li><b>retries</b> (TransactionRetry): what both do while a database fails for a time.
 *   <li><b>compaction</b> (CompactionJob, CompactionRuns, CompactionLease, CompactionStop, CompactionTransactions,
 *       CompactionDays, CompactedTable, TableCompaction, DayOpening, DayHours, DaySpace, SharedSpace, PartitionSpace,
 *       Leaf, Obstacle, OldestSnapshot, MissingRights, HourCompaction, LockHolders): old days, hour by hour, and their
 *       space.
 *   <li><b>pieces</b> (HourRewrite, PieceRewrite, PieceRows, PieceSamples, PieceTimes, PieceValues, WideRewrite,
 *       WideColumn, WideNumbers, WidePiece, WidePieceRow, WideValues): the rows of a GPU and hour as arrays, proved bit
 *       by bit.
 * </ul>
 */
@NullMarked
package io.gpufleet.telemetry.jdbc.gpu;

import org.jspecify.annotations.NullMarked;
