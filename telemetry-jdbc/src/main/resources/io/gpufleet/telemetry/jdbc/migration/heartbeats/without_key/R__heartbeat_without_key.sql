-- Heartbeats without a key, their time indexed by block ranges. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- Nothing of ours updates or deletes heartbeats, but an operator may: a publication of all tables permits that if whole rows
-- are their identity, which costs nothing as long as rows are only inserted. The days that are there already are given
-- it here, those to come when they are made.

ALTER TABLE heartbeat DROP CONSTRAINT IF EXISTS heartbeat_pkey;

DO $$
DECLARE
    day regclass;
BEGIN
    FOR day IN SELECT 'heartbeat'::regclass UNION ALL
        SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'heartbeat'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', day);
    END LOOP;
END
$$;

CREATE INDEX IF NOT EXISTS heartbeat_timestamp ON heartbeat USING brin ("timestamp") WITH (autosummarize = on);

COMMENT ON TABLE heartbeat IS 'Every heartbeat, as often as it was sent';
COMMENT ON INDEX heartbeat_timestamp IS 'Finds the heartbeats of a time range';
