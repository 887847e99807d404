-- Who may talk to the host. A token itself is nowhere: only its SHA-256, which
-- is enough for 256 random bits.

CREATE TABLE access_tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'operator')),
    hash       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER access_tokens_inserted AFTER INSERT ON access_tokens BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER access_tokens_updated AFTER UPDATE ON access_tokens BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER access_tokens_deleted AFTER DELETE ON access_tokens BEGIN UPDATE data_version SET version = version + 1; END;
