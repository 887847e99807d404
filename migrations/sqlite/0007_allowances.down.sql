ALTER TABLE call_costs DROP COLUMN log_dropped;
ALTER TABLE call_costs DROP COLUMN log_bytes;
ALTER TABLE call_costs DROP COLUMN log_lines;
ALTER TABLE call_costs DROP COLUMN limit_reached;
DROP TABLE plugin_limits;
