-- What postgres-exporter needs: a role of its own that may read statistics, and the statements extension.
CREATE EXTENSION pg_stat_statements;
CREATE ROLE postgres_exporter LOGIN PASSWORD 'exporter-password';
GRANT pg_monitor TO postgres_exporter;
