-- What an operator allows one plugin, by its name: an object of limits and
-- values. What is not there is as it is for all.
CREATE TABLE plugin_limits (
    plugin TEXT NOT NULL PRIMARY KEY,
    limits TEXT NOT NULL CHECK (json_valid(limits))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER plugin_limits_inserted AFTER INSERT ON plugin_limits BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER plugin_limits_updated AFTER UPDATE ON plugin_limits BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER plugin_limits_deleted AFTER DELETE ON plugin_limits BEGIN UPDATE data_version SET version = version + 1; END;

-- The limit that a call did not end well for; NULL where it was none.
ALTER TABLE call_costs ADD COLUMN limit_reached TEXT;
ALTER TABLE call_costs ADD COLUMN log_lines INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_costs ADD COLUMN log_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_costs ADD COLUMN log_dropped INTEGER NOT NULL DEFAULT 0;
