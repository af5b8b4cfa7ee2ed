-- How far files of samples were imported. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- A file is known by the checksum of its text up to the position, never by its name: the position moves, with the
-- checksum, in the transaction that stores the samples before it. Half of each page is left free for that.

CREATE TABLE IF NOT EXISTS sample_file_imports (
    group_id    text        NOT NULL,
    checksum    bytea       NOT NULL CHECK (octet_length(checksum) = 32),
    import_id   uuid        NOT NULL,
    file        text        NOT NULL,
    records     bigint      NOT NULL CHECK (records > 0),
    sample_rows bigint      NOT NULL CHECK (sample_rows >= 0),
    refused     bigint      NOT NULL CHECK (refused >= 0),
    lines       bigint      NOT NULL CHECK (lines >= 0),
    text_bytes  bigint      NOT NULL CHECK (text_bytes > 0),
    header      bytea,
    complete    boolean     NOT NULL DEFAULT false,
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, checksum)
) WITH (fillfactor = 50);

CREATE INDEX IF NOT EXISTS sample_file_imports_by_length ON sample_file_imports (group_id, text_bytes, checksum);

COMMENT ON TABLE sample_file_imports IS 'The position of each import of a file, which alone decides about its progress. It moves in the transaction that stores the samples';
COMMENT ON COLUMN sample_file_imports.group_id IS 'Group of the import: another group imports the same text once more, as into other tables';
COMMENT ON COLUMN sample_file_imports.checksum IS 'SHA-256 of the text before the position, unpacked: the identity of the file';
COMMENT ON COLUMN sample_file_imports.import_id IS 'Id of the import: topic_id of its dead letters';
COMMENT ON COLUMN sample_file_imports.file IS 'Path of the file in the last import; it says under which name an unfinished file is to be expected, and is no part of the identity';
COMMENT ON COLUMN sample_file_imports.records IS 'Number of records of the text before the position: rows, headers and blank lines';
COMMENT ON COLUMN sample_file_imports.sample_rows IS 'Number of rows before the position, refused ones among them';
COMMENT ON COLUMN sample_file_imports.refused IS 'Number of values, or rows that cannot be read, before the position that were refused: they are dead letters of the group, unless they are deleted or replayed';
COMMENT ON COLUMN sample_file_imports.lines IS 'Number of lines before the position';
COMMENT ON COLUMN sample_file_imports.text_bytes IS 'Number of bytes of text before the position, unpacked';
COMMENT ON COLUMN sample_file_imports.header IS 'Header in force at the position; null if there is none';
COMMENT ON COLUMN sample_file_imports.complete IS 'Whether nothing more is expected under this name: the text ended here, with a whole line, and the file did not grow meanwhile; or a longer text has taken its place; or the import was given up';
COMMENT ON COLUMN sample_file_imports.started_at IS 'When the first row was stored';
COMMENT ON COLUMN sample_file_imports.updated_at IS 'When the position last moved';
