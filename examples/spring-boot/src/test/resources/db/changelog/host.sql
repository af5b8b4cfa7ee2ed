--liquibase formatted sql

--changeset host:1
CREATE TABLE machine_owner (
    client_id bytea PRIMARY KEY,
    team text NOT NULL
);
