-- Which dead letters were replayed. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.

ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS replayed_at timestamptz;

COMMENT ON COLUMN dead_letters.replayed_at IS 'When the record was replayed, through the pipeline or to its topic; null if it was not';
