/**
 * Kafka records to batches, without loss or repetition.
 *
 * <p>A consumer is one engine. Its rooms, in the order in which a record passes through them (a test keeps every class
 * in one room, and the rooms without circles):
 *
 * <ul>
 *   <li><b>builder</b> (BatchingConsumer, HeartbeatConsumer, GpuSampleConsumer, ShutdownHook): the entrance of a host.
 *   <li><b>settings</b> (TunedConsumer, PolledRecords, TunedRuntime, SettingsReader): consumers that take their
 *       settings from a source and change them while they run.
 *   <li><b>runtime</b> (ConsumerRuntime, RunningConsumer, ConsumerThreads, ConsumerStatus, ObservedWork): the threads
 *       of one consumer, its health and its end.
 *   <li><b>poll</b> (PollLoop, Polling, Intake, ConsumerParts, KafkaClients, PollClient, ClientChoice, JoinRefusal,
 *       PollFailure, ReadTopics, StalledPartition, StalledPartitions, SuspectSearch, ConnectionWatch, WallClock): the
 *       one thread that owns the Kafka consumer: polls, pauses, finds partitions that cannot be read.
 *   <li><b>positions</b> (Assignments, AssignedPartition, Mailbox, ClientCluster, PositionKeeper, PositionResolver,
 *       PositionRequest, Resolution, RestingPosition, StartPlan, ClusterMoves, ClusterTopics, OffsetCommits,
 *       WrittenTimes): the partitions of this consumer, where each starts, and how far it is written.
 *   <li><b>buffer</b> (Chunk, Generation, RecordSize, BufferBudget): polled records on their way to a lane.
 *   <li><b>lane</b> (Lane, LaneContext, LaneGate, Batcher, PendingBatch, BatchLimits, Judgement, SourceRecords,
 *       BatchWriter, Bisection, DeadLetterWindow, RepeatedRefusals, WrittenRange): decodes, validates, batches and
 *       writes.
 *   <li><b>topics</b> (TopicWatch, TopicIds, LaneAbortedException, BrokerView, BrokerViews, BrokerCalls, OwnedCalls,
 *       BrokerProbe, LeaderOffsets, LeaderQuestion, NewestView): the log behind a topic's name, asked broker by broker.
 *   <li><b>lag</b> (LagWatch, LagAlarm, LagTrend, ActivityAlarm, StandstillAlarm, OpenTransactions, Advice): the
 *       distance to the end of the log, its trend, and what holds it up.
 *   <li><b>report</b> (Events, ConsumerSnapshot, RunLog, TroubleLog, LetterLog, Counted, PartitionNames,
 *       AbbreviatedList): events to the host's listeners, figures, and the consumer's log.
 *   <li><b>options</b> (ConsumerOptions, Target, AtLeastOnceSink, CommitMark, Tuning, TuningRules, CurrentTuning,
 *       ClientProperties, SettingsProperties, ClusterMove): the options of a consumer, checked.
 * </ul>
 */
@NullMarked
package io.gpufleet.telemetry.kafka;

import org.jspecify.annotations.NullMarked;
