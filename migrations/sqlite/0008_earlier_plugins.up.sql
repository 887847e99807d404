-- What a name had installed before, with what was granted to exactly that
-- digest: what a rollback goes back to.
CREATE TABLE earlier_plugins (
    name         TEXT    NOT NULL,
    digest       TEXT    NOT NULL REFERENCES plugin_binaries (digest),
    manifest     TEXT    NOT NULL,
    granted      TEXT    NOT NULL,
    accounts     TEXT    NOT NULL,
    installed_at INTEGER NOT NULL,
    -- Of two, the one with the greater number was replaced later.
    replaced     INTEGER NOT NULL,
    PRIMARY KEY (name, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX earlier_plugins_by_digest ON earlier_plugins (digest);

CREATE TRIGGER earlier_plugins_inserted AFTER INSERT ON earlier_plugins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER earlier_plugins_updated AFTER UPDATE ON earlier_plugins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER earlier_plugins_deleted AFTER DELETE ON earlier_plugins BEGIN UPDATE data_version SET version = version + 1; END;
