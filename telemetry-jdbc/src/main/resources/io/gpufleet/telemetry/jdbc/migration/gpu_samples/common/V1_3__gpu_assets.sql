-- What the operator knows of each GPU. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- An unknown value is null. Rows come from an import, from the topic gpu-assets, or by hand.

CREATE TABLE IF NOT EXISTS gpu_assets (
    gpu_uuid           text        PRIMARY KEY CHECK (gpu_uuid ~ '\S'),
    model              text,
    architecture       text,
    compute_capability text,
    memory_gb          integer     CHECK (memory_gb >= 0),
    hostname           text,
    pci_bus_id         text,
    rack_id            text,
    cluster_id         text,
    datacenter         text,
    region             text,
    purchase_date      date,
    deployment_date    date,
    warranty_expiry    date,
    expected_eol       date,
    sla_tier           text,
    priority           text,
    tags               jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(tags) = 'object'),
    notes              text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE gpu_assets IS 'What the operator knows of each GPU; one row a GPU';
COMMENT ON COLUMN gpu_assets.gpu_uuid IS 'UUID of the GPU, as in its samples';
COMMENT ON COLUMN gpu_assets.model IS 'Model, for example NVIDIA H100 80GB HBM3';
COMMENT ON COLUMN gpu_assets.architecture IS 'Architecture, for example Hopper';
COMMENT ON COLUMN gpu_assets.compute_capability IS 'Compute capability, for example 9.0';
COMMENT ON COLUMN gpu_assets.memory_gb IS 'Memory in GB';
COMMENT ON COLUMN gpu_assets.hostname IS 'Host that it belongs to';
COMMENT ON COLUMN gpu_assets.pci_bus_id IS 'PCI address on that host';
COMMENT ON COLUMN gpu_assets.rack_id IS 'Rack of the host';
COMMENT ON COLUMN gpu_assets.cluster_id IS 'Cluster of the host';
COMMENT ON COLUMN gpu_assets.datacenter IS 'Data center of the host';
COMMENT ON COLUMN gpu_assets.region IS 'Region of the data center';
COMMENT ON COLUMN gpu_assets.purchase_date IS 'Date of the purchase';
COMMENT ON COLUMN gpu_assets.deployment_date IS 'Date of the deployment';
COMMENT ON COLUMN gpu_assets.warranty_expiry IS 'End of the warranty';
COMMENT ON COLUMN gpu_assets.expected_eol IS 'Expected end of its life';
COMMENT ON COLUMN gpu_assets.sla_tier IS 'Tier of the service-level agreement';
COMMENT ON COLUMN gpu_assets.priority IS 'Priority';
COMMENT ON COLUMN gpu_assets.tags IS 'Any texts by name';
COMMENT ON COLUMN gpu_assets.notes IS 'Any text';
COMMENT ON COLUMN gpu_assets.created_at IS 'Time of the insert';
COMMENT ON COLUMN gpu_assets.updated_at IS 'Time of the last change by an import or the topic; an import that changes nothing leaves it';
