-- Expert instances that stay with one binary of their plugin, whatever is
-- installed after it. What was granted to the binary is where it was: with what
-- is installed, or with what was before.
CREATE TABLE expert_pins (
    expert INTEGER NOT NULL PRIMARY KEY REFERENCES expert_instances (id),
    digest TEXT    NOT NULL REFERENCES plugin_binaries (digest)
) STRICT;

CREATE INDEX expert_pins_by_digest ON expert_pins (digest);

CREATE TRIGGER expert_pins_inserted AFTER INSERT ON expert_pins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_pins_updated AFTER UPDATE ON expert_pins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_pins_deleted AFTER DELETE ON expert_pins BEGIN UPDATE data_version SET version = version + 1; END;

-- All binaries that are kept, each with what is granted to it: what is
-- installed, for which `replaced` is NULL, and what was before.
CREATE VIEW kept_plugins AS
SELECT name, digest, manifest, granted, accounts, installed_at, NULL AS replaced FROM installed_plugins
UNION ALL
SELECT name, digest, manifest, granted, accounts, installed_at, replaced FROM earlier_plugins;
