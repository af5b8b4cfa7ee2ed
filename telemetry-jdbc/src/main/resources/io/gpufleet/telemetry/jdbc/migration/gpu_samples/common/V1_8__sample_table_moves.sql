-- How far old tables of samples were moved. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- Progress is kept by the UTC hour of the samples and never by the ids of their rows, which commit in any order: the
-- number of rows of the hour and a hash of their samples show changes of the old table since.

CREATE TABLE IF NOT EXISTS sample_table_moves (
    source           text        NOT NULL,
    hour             timestamptz NOT NULL,
    source_rows      bigint      NOT NULL,
    source_hash      bigint      NOT NULL,
    rows_read        bigint      NOT NULL CHECK (rows_read >= 0),
    proved           boolean     NOT NULL DEFAULT false,
    stored_before    bigint      NOT NULL DEFAULT 0,
    stored           bigint      NOT NULL DEFAULT 0,
    duplicates       bigint      NOT NULL DEFAULT 0,
    conflicts        bigint      NOT NULL DEFAULT 0,
    no_value         bigint      NOT NULL DEFAULT 0,
    rejected         bigint      NOT NULL DEFAULT 0,
    beyond_retention bigint      NOT NULL DEFAULT 0,
    refused          jsonb       NOT NULL DEFAULT '{}',
    started_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, hour)
) WITH (fillfactor = 50);

COMMENT ON TABLE sample_table_moves IS 'What became of the rows of old tables of samples, by hour. A row changes in the transaction that stores the samples';
COMMENT ON COLUMN sample_table_moves.source IS 'Server, database, schema and name of the old table, or the name that the move was given';
COMMENT ON COLUMN sample_table_moves.hour IS 'Begin of the UTC hour of the samples; -infinity for rows without a time';
COMMENT ON COLUMN sample_table_moves.source_rows IS 'Number of rows of the old table in the hour when their reading began; -1 if they are to be read again';
COMMENT ON COLUMN sample_table_moves.source_hash IS 'Hash of the ids of these rows and of all that makes their samples, labels included';
COMMENT ON COLUMN sample_table_moves.rows_read IS 'Number of them that were read; the hour is complete when it is source_rows';
COMMENT ON COLUMN sample_table_moves.proved IS 'Whether the samples of the hour were compared with the stored ones since it was last read';
COMMENT ON COLUMN sample_table_moves.stored_before IS 'Number of samples that earlier readings of the hour stored; this one finds them as duplicates';
COMMENT ON COLUMN sample_table_moves.stored IS 'Number of samples that this reading stored';
COMMENT ON COLUMN sample_table_moves.duplicates IS 'Number of rows whose sample was stored already, with the same value';
COMMENT ON COLUMN sample_table_moves.conflicts IS 'Number of rows whose sample was stored already, with another value, which stays';
COMMENT ON COLUMN sample_table_moves.no_value IS 'Number of rows without a value';
COMMENT ON COLUMN sample_table_moves.rejected IS 'Number of rows that are no sample of a GPU, or none that can be, or that the sink refused';
COMMENT ON COLUMN sample_table_moves.beyond_retention IS 'Number of rows of days that are not kept';
COMMENT ON COLUMN sample_table_moves.refused IS 'Reasons against samples that the sink refused, by a hash of the row: rejected, too, and left out by the comparison';
COMMENT ON COLUMN sample_table_moves.started_at IS 'When the first row of the hour was read';
COMMENT ON COLUMN sample_table_moves.updated_at IS 'When the last row was read';
