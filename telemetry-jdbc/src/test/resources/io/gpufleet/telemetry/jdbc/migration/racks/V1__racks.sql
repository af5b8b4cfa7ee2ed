CREATE TABLE IF NOT EXISTS racks (
    rack text PRIMARY KEY
);

COMMENT ON TABLE racks IS 'Racks of a machine room';
COMMENT ON COLUMN racks.rack IS 'Name of the rack';
