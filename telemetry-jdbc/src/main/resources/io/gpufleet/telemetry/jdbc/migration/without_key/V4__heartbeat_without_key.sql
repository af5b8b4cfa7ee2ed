-- Heartbeats without a key, their time indexed by block ranges. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.

ALTER TABLE heartbeat DROP CONSTRAINT IF EXISTS heartbeat_pkey;

CREATE INDEX IF NOT EXISTS heartbeat_timestamp ON heartbeat USING brin ("timestamp") WITH (autosummarize = on);

COMMENT ON TABLE heartbeat IS 'Every heartbeat, once for each time that it was sent';
COMMENT ON INDEX heartbeat_timestamp IS 'Finds the heartbeats of a time';
