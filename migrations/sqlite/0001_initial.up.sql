-- The first schema.
--
-- Ids are never reused (AUTOINCREMENT): what is cached or granted for an id can
-- never fall to another row. Decimals are canonical text, times are UTC
-- microseconds, settings are one JSON value a row.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    provider      TEXT    NOT NULL,
    currency      TEXT    NOT NULL,
    -- What the paper broker holds in cash; NULL for other providers.
    paper_balance TEXT
) STRICT;

CREATE TABLE account_settings (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

-- The paper broker's current prices.
CREATE TABLE paper_prices (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    symbol     TEXT    NOT NULL,
    price      TEXT,
    PRIMARY KEY (account_id, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE expert_instances (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id         INTEGER NOT NULL REFERENCES accounts (id),
    plugin             TEXT    NOT NULL,
    alias              TEXT,
    enabled            INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    virtual_equity_pct TEXT    NOT NULL
) STRICT;

CREATE INDEX expert_instances_by_account ON expert_instances (account_id);

CREATE TABLE expert_settings (
    expert_id INTEGER NOT NULL REFERENCES expert_instances (id) ON DELETE CASCADE,
    key       TEXT    NOT NULL,
    value     TEXT    NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (expert_id, key)
) STRICT, WITHOUT ROWID;

-- The host's own settings.
CREATE TABLE app_settings (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE transactions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    expert_id  INTEGER REFERENCES expert_instances (id),
    symbol     TEXT    NOT NULL,
    side       TEXT CHECK (side IN ('buy', 'sell')),
    quantity   TEXT    NOT NULL,
    open_price TEXT,
    status     TEXT    NOT NULL CHECK (status IN ('waiting', 'opened', 'closing', 'closed')),
    created_at INTEGER NOT NULL,
    note       TEXT
) STRICT;

CREATE INDEX transactions_by_status ON transactions (status, id);
CREATE INDEX transactions_by_expert ON transactions (expert_id, status, id);

CREATE TABLE orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id  INTEGER NOT NULL REFERENCES transactions (id),
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    symbol          TEXT    NOT NULL,
    side            TEXT    NOT NULL CHECK (side IN ('buy', 'sell')),
    type            TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    quantity        TEXT    NOT NULL,
    filled_quantity TEXT,
    fill_price      TEXT,
    limit_price     TEXT,
    stop_price      TEXT,
    -- Orders of one document may name each other in any order.
    depends_on      INTEGER REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    created_at      INTEGER
) STRICT;

CREATE INDEX orders_by_transaction ON orders (transaction_id, created_at, id);
CREATE INDEX orders_by_account ON orders (account_id, symbol);
CREATE INDEX orders_by_depends_on ON orders (depends_on);

CREATE TABLE bars (
    symbol TEXT    NOT NULL,
    day    INTEGER NOT NULL,
    open   TEXT    NOT NULL,
    high   TEXT    NOT NULL,
    low    TEXT    NOT NULL,
    close  TEXT    NOT NULL,
    volume TEXT    NOT NULL,
    PRIMARY KEY (symbol, day)
) STRICT, WITHOUT ROWID;

-- One run of an expert over some symbols.
CREATE TABLE market_analyses (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    expert_id  INTEGER NOT NULL REFERENCES expert_instances (id),
    plugin     TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    use_case   TEXT    NOT NULL,
    symbols    TEXT    NOT NULL CHECK (json_valid(symbols)),
    outcome    TEXT    NOT NULL,
    error      TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX market_analyses_by_expert ON market_analyses (expert_id, created_at);

CREATE TABLE recommendations (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    analysis_id         INTEGER NOT NULL REFERENCES market_analyses (id) ON DELETE CASCADE,
    expert_id           INTEGER NOT NULL REFERENCES expert_instances (id),
    symbol              TEXT    NOT NULL,
    action              TEXT    NOT NULL,
    confidence          TEXT    NOT NULL,
    risk                TEXT    NOT NULL,
    horizon             TEXT    NOT NULL,
    expected_profit_pct TEXT    NOT NULL,
    explanation         TEXT    NOT NULL,
    created_at          INTEGER NOT NULL
) STRICT;

CREATE INDEX recommendations_by_analysis ON recommendations (analysis_id);
CREATE INDEX recommendations_by_expert ON recommendations (expert_id, created_at DESC, symbol);
CREATE INDEX recommendations_by_time ON recommendations (created_at DESC, expert_id, symbol);

-- The binaries that were installed, by SHA-256.
CREATE TABLE plugin_binaries (
    digest TEXT PRIMARY KEY NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE installed_plugins (
    name         TEXT PRIMARY KEY NOT NULL,
    digest       TEXT    NOT NULL REFERENCES plugin_binaries (digest),
    manifest     TEXT    NOT NULL,
    -- What the operator granted to exactly this digest.
    granted      TEXT    NOT NULL,
    installed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX installed_plugins_by_digest ON installed_plugins (digest);

CREATE TABLE call_costs (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    plugin            TEXT    NOT NULL,
    version           TEXT    NOT NULL,
    digest            TEXT    NOT NULL,
    function          TEXT    NOT NULL,
    began_at          INTEGER NOT NULL,
    outcome           TEXT    NOT NULL,
    sessions          INTEGER NOT NULL,
    connections       INTEGER NOT NULL,
    statements        INTEGER NOT NULL,
    row_count         INTEGER NOT NULL,
    host_calls        INTEGER NOT NULL,
    wall_us           INTEGER NOT NULL,
    cpu_us            INTEGER NOT NULL,
    wait_us           INTEGER NOT NULL,
    held_us           INTEGER NOT NULL,
    memory_peak_bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX call_costs_by_time ON call_costs (began_at);
CREATE INDEX call_costs_by_plugin ON call_costs (plugin, began_at);
