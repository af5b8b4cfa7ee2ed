-- A table of the host, in the schema of the host.
CREATE TABLE machine_owner (
    client_id bytea PRIMARY KEY,
    team text NOT NULL
);
