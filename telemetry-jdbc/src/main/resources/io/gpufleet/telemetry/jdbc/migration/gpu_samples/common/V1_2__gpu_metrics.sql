-- The readings of GPUs in wide rows, partitioned by UTC day: the sinks create the days, retention drops them. Plain SQL
-- for PostgreSQL 14 to 18; psql runs it as it is.
--
-- A missing reading is null, and costs nothing. The columns are ordered by their alignment, so that no row has gaps
-- between values. There are no texts: where a GPU is and what it is called is known by its number, see gpu.

CREATE TABLE IF NOT EXISTS gpu_metrics (
    time                        timestamptz      NOT NULL,
    power_usage                 double precision,
    fb_used_bytes               bigint,
    fb_free_bytes               bigint,
    fb_total_bytes              bigint,
    memory_utilization          double precision,
    ecc_sbe_volatile            bigint,
    ecc_sbe_aggregate           bigint,
    ecc_dbe_volatile            bigint,
    ecc_dbe_aggregate           bigint,
    sm_active                   double precision,
    sm_occupancy                double precision,
    tensor_active               double precision,
    dram_active                 double precision,
    pcie_tx_bytes_per_sec       double precision,
    pcie_rx_bytes_per_sec       double precision,
    nvlink_tx_bytes_per_sec     double precision,
    nvlink_rx_bytes_per_sec     double precision,
    energy_mj                   bigint,
    pcie_replay_total           bigint,
    nvlink_crc_flit_total       bigint,
    nvlink_crc_data_total       bigint,
    nvlink_replay_total         bigint,
    nvlink_recovery_total       bigint,
    power_violation_ns          bigint,
    thermal_violation_ns        bigint,
    sync_boost_violation_ns     bigint,
    board_limit_violation_ns    bigint,
    low_util_violation_ns       bigint,
    reliability_violation_ns    bigint,
    app_clocks_violation_ns     bigint,
    base_clocks_violation_ns    bigint,
    power_limit                 double precision,
    mig_instances               bigint,
    collection_latency_ms       double precision,
    derived                     bigint,
    gpu_no                      integer          NOT NULL,
    gpu_temp                    real,
    memory_temp                 real,
    throttle_reasons            integer,
    retired_pages_sbe           integer,
    retired_pages_dbe           integer,
    gpu_utilization             real,
    mem_copy_utilization        real,
    sm_clock_mhz                real,
    mem_clock_mhz               real,
    fan_speed                   real,
    xid_last                    integer,
    remapped_rows_correctable   integer,
    remapped_rows_uncorrectable integer,
    row_remap_pending           integer,
    row_remap_failed            integer,
    sram_exceeded               integer,
    recovery_action             integer,
    slowdown_temp               real,
    memory_max_temp             real,
    pcie_max_gen                integer,
    pcie_max_width              integer,
    nvlink_links                integer,
    quality                     smallint         NOT NULL DEFAULT 0,
    validation_passed           boolean,
    at                          integer[],
    PRIMARY KEY (gpu_no, time)
) PARTITION BY RANGE (time);
CREATE INDEX IF NOT EXISTS gpu_metrics_time ON gpu_metrics USING brin (time);

COMMENT ON TABLE gpu_metrics IS 'The readings of every GPU at a time: those of one message or event, or of one cell of a grid of times';
COMMENT ON COLUMN gpu_metrics.time IS 'Time of the first reading of a message, of an event, or of the beginning of a cell';
COMMENT ON COLUMN gpu_metrics.power_usage IS 'Power of the board, in watts; number 2';
COMMENT ON COLUMN gpu_metrics.fb_used_bytes IS 'Used memory, in bytes; number 4';
COMMENT ON COLUMN gpu_metrics.fb_free_bytes IS 'Free memory, in bytes; number 5';
COMMENT ON COLUMN gpu_metrics.fb_total_bytes IS 'All memory, in bytes; number 6';
COMMENT ON COLUMN gpu_metrics.memory_utilization IS 'Share of the memory in use, in percent; number 7';
COMMENT ON COLUMN gpu_metrics.ecc_sbe_volatile IS 'Single-bit errors since the driver was loaded; number 8';
COMMENT ON COLUMN gpu_metrics.ecc_sbe_aggregate IS 'Single-bit errors ever; number 9';
COMMENT ON COLUMN gpu_metrics.ecc_dbe_volatile IS 'Double-bit errors since the driver was loaded; number 10';
COMMENT ON COLUMN gpu_metrics.ecc_dbe_aggregate IS 'Double-bit errors ever; number 11';
COMMENT ON COLUMN gpu_metrics.sm_active IS 'Share of time with work on the multiprocessors, in percent; number 14';
COMMENT ON COLUMN gpu_metrics.sm_occupancy IS 'Share of the warps in use, in percent; number 15';
COMMENT ON COLUMN gpu_metrics.tensor_active IS 'Share of time with work on the tensor cores, in percent; number 16';
COMMENT ON COLUMN gpu_metrics.dram_active IS 'Share of time with transfers of the memory, in percent; number 17';
COMMENT ON COLUMN gpu_metrics.pcie_tx_bytes_per_sec IS 'Sent over PCIe, in bytes a second; number 18';
COMMENT ON COLUMN gpu_metrics.pcie_rx_bytes_per_sec IS 'Received over PCIe, in bytes a second; number 19';
COMMENT ON COLUMN gpu_metrics.nvlink_tx_bytes_per_sec IS 'Sent over NVLink, in bytes a second; number 20';
COMMENT ON COLUMN gpu_metrics.nvlink_rx_bytes_per_sec IS 'Received over NVLink, in bytes a second; number 21';
COMMENT ON COLUMN gpu_metrics.energy_mj IS 'Energy since the driver was loaded, in millijoules; number 27';
COMMENT ON COLUMN gpu_metrics.pcie_replay_total IS 'Repeated PCIe packets; number 29';
COMMENT ON COLUMN gpu_metrics.nvlink_crc_flit_total IS 'Flow-control errors of all NVLinks; number 30';
COMMENT ON COLUMN gpu_metrics.nvlink_crc_data_total IS 'Data errors of all NVLinks; number 31';
COMMENT ON COLUMN gpu_metrics.nvlink_replay_total IS 'Repeated packets of all NVLinks; number 32';
COMMENT ON COLUMN gpu_metrics.nvlink_recovery_total IS 'Recoveries of all NVLinks; number 33';
COMMENT ON COLUMN gpu_metrics.power_violation_ns IS 'Time with lower clocks for the power limit, in nanoseconds; number 40';
COMMENT ON COLUMN gpu_metrics.thermal_violation_ns IS 'Time with lower clocks for heat, in nanoseconds; number 41';
COMMENT ON COLUMN gpu_metrics.sync_boost_violation_ns IS 'Time with lower clocks for the clocks of a group of GPUs, in nanoseconds; number 42';
COMMENT ON COLUMN gpu_metrics.board_limit_violation_ns IS 'Time with lower clocks for a limit of the board, in nanoseconds; number 43';
COMMENT ON COLUMN gpu_metrics.low_util_violation_ns IS 'Time with lower clocks for low utilization, in nanoseconds; number 44';
COMMENT ON COLUMN gpu_metrics.reliability_violation_ns IS 'Time with lower clocks for a limit for reliability, in nanoseconds; number 45';
COMMENT ON COLUMN gpu_metrics.app_clocks_violation_ns IS 'Time with lower clocks for any reason, against the applications clocks, in nanoseconds; number 46';
COMMENT ON COLUMN gpu_metrics.base_clocks_violation_ns IS 'Time with lower clocks for any reason, against the base clocks, in nanoseconds; number 47';
COMMENT ON COLUMN gpu_metrics.power_limit IS 'Enforced power limit, in watts; number 48';
COMMENT ON COLUMN gpu_metrics.mig_instances IS 'Number of MIG instances; number 54';
COMMENT ON COLUMN gpu_metrics.collection_latency_ms IS 'How long the collection of the event took, in milliseconds';
COMMENT ON COLUMN gpu_metrics.derived IS 'Readings that are not of the whole GPU but of its MIG instances or workloads, as the sum of 2 to the power of their numbers; null if there are none';
COMMENT ON COLUMN gpu_metrics.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_metrics.gpu_temp IS 'Temperature of the GPU, in degrees Celsius; number 0';
COMMENT ON COLUMN gpu_metrics.memory_temp IS 'Temperature of the memory, in degrees Celsius; number 1';
COMMENT ON COLUMN gpu_metrics.throttle_reasons IS 'Reasons for lower clocks; number 3';
COMMENT ON COLUMN gpu_metrics.retired_pages_sbe IS 'Pages retired for single-bit errors; number 12';
COMMENT ON COLUMN gpu_metrics.retired_pages_dbe IS 'Pages retired for double-bit errors; number 13';
COMMENT ON COLUMN gpu_metrics.gpu_utilization IS 'Share of time in use, in percent; number 22';
COMMENT ON COLUMN gpu_metrics.mem_copy_utilization IS 'Share of time of memory transfers, in percent; number 23';
COMMENT ON COLUMN gpu_metrics.sm_clock_mhz IS 'Clock of the multiprocessors, in MHz; number 24';
COMMENT ON COLUMN gpu_metrics.mem_clock_mhz IS 'Clock of the memory, in MHz; number 25';
COMMENT ON COLUMN gpu_metrics.fan_speed IS 'Speed of the fan, in percent; number 26';
COMMENT ON COLUMN gpu_metrics.xid_last IS 'Number of the last Xid error, 0 for none; number 28';
COMMENT ON COLUMN gpu_metrics.remapped_rows_correctable IS 'Rows remapped for correctable errors; number 34';
COMMENT ON COLUMN gpu_metrics.remapped_rows_uncorrectable IS 'Rows remapped for uncorrectable errors; number 35';
COMMENT ON COLUMN gpu_metrics.row_remap_pending IS 'Whether a remapping waits for a reset of the GPU; number 36';
COMMENT ON COLUMN gpu_metrics.row_remap_failed IS 'Whether a remapping has failed; number 37';
COMMENT ON COLUMN gpu_metrics.sram_exceeded IS 'Whether the SRAM has more errors than it may have; number 38';
COMMENT ON COLUMN gpu_metrics.recovery_action IS 'DCGM''s code of the action that makes the GPU usable again, 0 for none; number 39';
COMMENT ON COLUMN gpu_metrics.slowdown_temp IS 'Temperature of the hardware slowdown, in degrees Celsius; number 49';
COMMENT ON COLUMN gpu_metrics.memory_max_temp IS 'Largest temperature of the memory, in degrees Celsius; number 50';
COMMENT ON COLUMN gpu_metrics.pcie_max_gen IS 'Largest PCIe generation; number 51';
COMMENT ON COLUMN gpu_metrics.pcie_max_width IS 'Largest number of PCIe lanes; number 52';
COMMENT ON COLUMN gpu_metrics.nvlink_links IS 'Number of NVLinks; number 53';
COMMENT ON COLUMN gpu_metrics.quality IS 'Sum of doubts about the readings: 1 out of range, 2 late, 4 second delivery';
COMMENT ON COLUMN gpu_metrics.validation_passed IS 'Whether the event has passed the validation of its collector';
COMMENT ON COLUMN gpu_metrics.at IS 'In a row of a grid, the time of the reading of number n at place n + 1, in microseconds after time; null in other rows';

CREATE TABLE IF NOT EXISTS gpu_mig_metrics (
    time                        timestamptz      NOT NULL,
    fb_used_bytes               bigint,
    fb_free_bytes               bigint,
    fb_total_bytes              bigint,
    gr_engine_active            double precision,
    sm_active                   double precision,
    sm_occupancy                double precision,
    tensor_active               double precision,
    dram_active                 double precision,
    gpu_no                      integer          NOT NULL,
    gi                          text COLLATE "C" NOT NULL,
    profile                     text COLLATE "C" NOT NULL,
    at                          integer[],
    PRIMARY KEY (gpu_no, gi, time)
) PARTITION BY RANGE (time);
CREATE INDEX IF NOT EXISTS gpu_mig_metrics_time ON gpu_mig_metrics USING brin (time);

COMMENT ON TABLE gpu_mig_metrics IS 'The readings of every MIG instance at a time; a row without readings tells that there was the instance';
COMMENT ON COLUMN gpu_mig_metrics.time IS 'Time of the row of its GPU, see gpu_metrics';
COMMENT ON COLUMN gpu_mig_metrics.fb_used_bytes IS 'Used memory, in bytes';
COMMENT ON COLUMN gpu_mig_metrics.fb_free_bytes IS 'Free memory, in bytes';
COMMENT ON COLUMN gpu_mig_metrics.fb_total_bytes IS 'All memory, in bytes';
COMMENT ON COLUMN gpu_mig_metrics.gr_engine_active IS 'Share of time with work, in percent';
COMMENT ON COLUMN gpu_mig_metrics.sm_active IS 'Share of time with work on the multiprocessors, in percent';
COMMENT ON COLUMN gpu_mig_metrics.sm_occupancy IS 'Share of the warps in use, in percent';
COMMENT ON COLUMN gpu_mig_metrics.tensor_active IS 'Share of time with work on the tensor cores, in percent';
COMMENT ON COLUMN gpu_mig_metrics.dram_active IS 'Share of time with transfers of the memory, in percent';
COMMENT ON COLUMN gpu_mig_metrics.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_mig_metrics.gi IS 'Id of the instance on its GPU';
COMMENT ON COLUMN gpu_mig_metrics.profile IS 'Profile, for example 1g.5gb; empty if unknown';
COMMENT ON COLUMN gpu_mig_metrics.at IS 'In a row of a grid, the times of the readings from fb_used_bytes to dram_active, in microseconds after time; null in other rows';

CREATE TABLE IF NOT EXISTS gpu_metrics_retention (
    kept_from date PRIMARY KEY
);
CREATE UNIQUE INDEX IF NOT EXISTS gpu_metrics_retention_one_row ON gpu_metrics_retention ((true));

INSERT INTO gpu_metrics_retention (kept_from) VALUES ('1970-01-01') ON CONFLICT DO NOTHING;

COMMENT ON TABLE gpu_metrics_retention IS 'The first day of wide rows of GPUs that retention keeps; one row';
COMMENT ON COLUMN gpu_metrics_retention.kept_from IS 'First UTC day that is kept; older days were dropped, and an older row is left out';

CREATE TABLE IF NOT EXISTS gpu_mig_metrics_retention (
    kept_from date PRIMARY KEY
);
CREATE UNIQUE INDEX IF NOT EXISTS gpu_mig_metrics_retention_one_row ON gpu_mig_metrics_retention ((true));

INSERT INTO gpu_mig_metrics_retention (kept_from) VALUES ('1970-01-01') ON CONFLICT DO NOTHING;

COMMENT ON TABLE gpu_mig_metrics_retention IS 'The first day of rows of MIG instances that retention keeps; one row';
COMMENT ON COLUMN gpu_mig_metrics_retention.kept_from IS 'First UTC day that is kept; older days were dropped, and an older row is left out';

CREATE OR REPLACE VIEW gpu_metrics_by_uuid AS
SELECT m.time, g.uuid AS gpu_uuid, g.hostname, g.pci_bus_id, g.gpu_id AS device_index, m.gpu_temp, m.memory_temp,
    m.power_usage, m.throttle_reasons, m.fb_used_bytes, m.fb_free_bytes, m.fb_total_bytes, m.memory_utilization,
    m.ecc_sbe_volatile, m.ecc_dbe_volatile, m.ecc_sbe_aggregate, m.ecc_dbe_aggregate, m.retired_pages_sbe,
    m.retired_pages_dbe, m.sm_active, m.sm_occupancy, m.tensor_active, m.dram_active, m.pcie_tx_bytes_per_sec,
    m.pcie_rx_bytes_per_sec, m.sm_clock_mhz, m.mem_clock_mhz, m.gpu_utilization, m.mem_copy_utilization,
    m.collection_latency_ms, m.validation_passed, m.nvlink_tx_bytes_per_sec, m.nvlink_rx_bytes_per_sec, m.fan_speed,
    m.energy_mj, m.xid_last, m.pcie_replay_total, m.nvlink_crc_flit_total, m.nvlink_crc_data_total,
    m.nvlink_replay_total, m.nvlink_recovery_total, m.remapped_rows_correctable, m.remapped_rows_uncorrectable,
    m.row_remap_pending, m.row_remap_failed, m.sram_exceeded, m.recovery_action, m.power_violation_ns,
    m.thermal_violation_ns, m.sync_boost_violation_ns, m.board_limit_violation_ns, m.low_util_violation_ns,
    m.reliability_violation_ns, m.app_clocks_violation_ns, m.base_clocks_violation_ns, m.power_limit,
    m.slowdown_temp, m.memory_max_temp, m.pcie_max_gen, m.pcie_max_width, m.nvlink_links, m.mig_instances,
    m.quality, m.derived, m.at, m.gpu_no, date_bin(interval '1 hour', m.time, timestamptz '2000-01-01 00:00+00') AS hour
FROM gpu_metrics AS m
    JOIN gpu AS g USING (gpu_no);

COMMENT ON VIEW gpu_metrics_by_uuid IS 'The readings of every GPU at a time, with its UUID and its place as of now';
COMMENT ON COLUMN gpu_metrics_by_uuid.time IS 'Same as gpu_metrics.time';
COMMENT ON COLUMN gpu_metrics_by_uuid.gpu_uuid IS 'UUID of the GPU';
COMMENT ON COLUMN gpu_metrics_by_uuid.hostname IS 'Host as of now; empty if unknown';
COMMENT ON COLUMN gpu_metrics_by_uuid.pci_bus_id IS 'PCI address on its host as of now; empty if unknown';
COMMENT ON COLUMN gpu_metrics_by_uuid.device_index IS 'Number on its host as of now; null if unknown';
COMMENT ON COLUMN gpu_metrics_by_uuid.gpu_temp IS 'Same as gpu_metrics.gpu_temp';
COMMENT ON COLUMN gpu_metrics_by_uuid.memory_temp IS 'Same as gpu_metrics.memory_temp';
COMMENT ON COLUMN gpu_metrics_by_uuid.power_usage IS 'Same as gpu_metrics.power_usage';
COMMENT ON COLUMN gpu_metrics_by_uuid.throttle_reasons IS 'Same as gpu_metrics.throttle_reasons';
COMMENT ON COLUMN gpu_metrics_by_uuid.fb_used_bytes IS 'Same as gpu_metrics.fb_used_bytes';
COMMENT ON COLUMN gpu_metrics_by_uuid.fb_free_bytes IS 'Same as gpu_metrics.fb_free_bytes';
COMMENT ON COLUMN gpu_metrics_by_uuid.fb_total_bytes IS 'Same as gpu_metrics.fb_total_bytes';
COMMENT ON COLUMN gpu_metrics_by_uuid.memory_utilization IS 'Same as gpu_metrics.memory_utilization';
COMMENT ON COLUMN gpu_metrics_by_uuid.ecc_sbe_volatile IS 'Same as gpu_metrics.ecc_sbe_volatile';
COMMENT ON COLUMN gpu_metrics_by_uuid.ecc_dbe_volatile IS 'Same as gpu_metrics.ecc_dbe_volatile';
COMMENT ON COLUMN gpu_metrics_by_uuid.ecc_sbe_aggregate IS 'Same as gpu_metrics.ecc_sbe_aggregate';
COMMENT ON COLUMN gpu_metrics_by_uuid.ecc_dbe_aggregate IS 'Same as gpu_metrics.ecc_dbe_aggregate';
COMMENT ON COLUMN gpu_metrics_by_uuid.retired_pages_sbe IS 'Same as gpu_metrics.retired_pages_sbe';
COMMENT ON COLUMN gpu_metrics_by_uuid.retired_pages_dbe IS 'Same as gpu_metrics.retired_pages_dbe';
COMMENT ON COLUMN gpu_metrics_by_uuid.sm_active IS 'Same as gpu_metrics.sm_active';
COMMENT ON COLUMN gpu_metrics_by_uuid.sm_occupancy IS 'Same as gpu_metrics.sm_occupancy';
COMMENT ON COLUMN gpu_metrics_by_uuid.tensor_active IS 'Same as gpu_metrics.tensor_active';
COMMENT ON COLUMN gpu_metrics_by_uuid.dram_active IS 'Same as gpu_metrics.dram_active';
COMMENT ON COLUMN gpu_metrics_by_uuid.pcie_tx_bytes_per_sec IS 'Same as gpu_metrics.pcie_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_by_uuid.pcie_rx_bytes_per_sec IS 'Same as gpu_metrics.pcie_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_by_uuid.sm_clock_mhz IS 'Same as gpu_metrics.sm_clock_mhz';
COMMENT ON COLUMN gpu_metrics_by_uuid.mem_clock_mhz IS 'Same as gpu_metrics.mem_clock_mhz';
COMMENT ON COLUMN gpu_metrics_by_uuid.gpu_utilization IS 'Same as gpu_metrics.gpu_utilization';
COMMENT ON COLUMN gpu_metrics_by_uuid.mem_copy_utilization IS 'Same as gpu_metrics.mem_copy_utilization';
COMMENT ON COLUMN gpu_metrics_by_uuid.collection_latency_ms IS 'Same as gpu_metrics.collection_latency_ms';
COMMENT ON COLUMN gpu_metrics_by_uuid.validation_passed IS 'Same as gpu_metrics.validation_passed';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_tx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_rx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_by_uuid.fan_speed IS 'Same as gpu_metrics.fan_speed';
COMMENT ON COLUMN gpu_metrics_by_uuid.energy_mj IS 'Same as gpu_metrics.energy_mj';
COMMENT ON COLUMN gpu_metrics_by_uuid.xid_last IS 'Same as gpu_metrics.xid_last';
COMMENT ON COLUMN gpu_metrics_by_uuid.pcie_replay_total IS 'Same as gpu_metrics.pcie_replay_total';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_crc_flit_total IS 'Same as gpu_metrics.nvlink_crc_flit_total';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_crc_data_total IS 'Same as gpu_metrics.nvlink_crc_data_total';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_replay_total IS 'Same as gpu_metrics.nvlink_replay_total';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_recovery_total IS 'Same as gpu_metrics.nvlink_recovery_total';
COMMENT ON COLUMN gpu_metrics_by_uuid.remapped_rows_correctable IS 'Same as gpu_metrics.remapped_rows_correctable';
COMMENT ON COLUMN gpu_metrics_by_uuid.remapped_rows_uncorrectable IS 'Same as gpu_metrics.remapped_rows_uncorrectable';
COMMENT ON COLUMN gpu_metrics_by_uuid.row_remap_pending IS 'Same as gpu_metrics.row_remap_pending';
COMMENT ON COLUMN gpu_metrics_by_uuid.row_remap_failed IS 'Same as gpu_metrics.row_remap_failed';
COMMENT ON COLUMN gpu_metrics_by_uuid.sram_exceeded IS 'Same as gpu_metrics.sram_exceeded';
COMMENT ON COLUMN gpu_metrics_by_uuid.recovery_action IS 'Same as gpu_metrics.recovery_action';
COMMENT ON COLUMN gpu_metrics_by_uuid.power_violation_ns IS 'Same as gpu_metrics.power_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.thermal_violation_ns IS 'Same as gpu_metrics.thermal_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.sync_boost_violation_ns IS 'Same as gpu_metrics.sync_boost_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.board_limit_violation_ns IS 'Same as gpu_metrics.board_limit_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.low_util_violation_ns IS 'Same as gpu_metrics.low_util_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.reliability_violation_ns IS 'Same as gpu_metrics.reliability_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.app_clocks_violation_ns IS 'Same as gpu_metrics.app_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.base_clocks_violation_ns IS 'Same as gpu_metrics.base_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_by_uuid.power_limit IS 'Same as gpu_metrics.power_limit';
COMMENT ON COLUMN gpu_metrics_by_uuid.slowdown_temp IS 'Same as gpu_metrics.slowdown_temp';
COMMENT ON COLUMN gpu_metrics_by_uuid.memory_max_temp IS 'Same as gpu_metrics.memory_max_temp';
COMMENT ON COLUMN gpu_metrics_by_uuid.pcie_max_gen IS 'Same as gpu_metrics.pcie_max_gen';
COMMENT ON COLUMN gpu_metrics_by_uuid.pcie_max_width IS 'Same as gpu_metrics.pcie_max_width';
COMMENT ON COLUMN gpu_metrics_by_uuid.nvlink_links IS 'Same as gpu_metrics.nvlink_links';
COMMENT ON COLUMN gpu_metrics_by_uuid.mig_instances IS 'Same as gpu_metrics.mig_instances';
COMMENT ON COLUMN gpu_metrics_by_uuid.quality IS 'Same as gpu_metrics.quality';
COMMENT ON COLUMN gpu_metrics_by_uuid.derived IS 'Same as gpu_metrics.derived';
COMMENT ON COLUMN gpu_metrics_by_uuid.at IS 'Same as gpu_metrics.at';
COMMENT ON COLUMN gpu_metrics_by_uuid.gpu_no IS 'Same as gpu_metrics.gpu_no';
COMMENT ON COLUMN gpu_metrics_by_uuid.hour IS 'Beginning of the hour of time, UTC: with bounds of it, too, a query reads only these pieces of compacted days';
