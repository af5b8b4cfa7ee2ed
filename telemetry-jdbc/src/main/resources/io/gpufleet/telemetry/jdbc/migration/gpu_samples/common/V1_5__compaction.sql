-- The lease of the compaction: one process at a time runs it. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.

CREATE TABLE IF NOT EXISTS gpu_compaction_lease (
    name       text        PRIMARY KEY,
    runner     text        NOT NULL,
    held_until timestamptz NOT NULL
);

COMMENT ON TABLE gpu_compaction_lease IS 'Which process compacts; one row, none before the first run';
COMMENT ON COLUMN gpu_compaction_lease.name IS 'Always compaction';
COMMENT ON COLUMN gpu_compaction_lease.runner IS 'Process that holds the lease, with its host';
COMMENT ON COLUMN gpu_compaction_lease.held_until IS 'When another process may take the lease';
