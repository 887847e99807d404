-- The version of the data: a number that rises with every change of a row, made
-- by whichever program. Read in a transaction it names the state that the
-- transaction sees; what was read at one number is true for whoever sees that
-- number. `call_costs` is not counted: it is about calls, and each call adds to
-- it.

CREATE TABLE data_version (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO data_version (one, version) VALUES (1, 1);

CREATE TRIGGER accounts_inserted AFTER INSERT ON accounts BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER accounts_updated AFTER UPDATE ON accounts BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER accounts_deleted AFTER DELETE ON accounts BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER account_settings_inserted AFTER INSERT ON account_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER account_settings_updated AFTER UPDATE ON account_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER account_settings_deleted AFTER DELETE ON account_settings BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER paper_prices_inserted AFTER INSERT ON paper_prices BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER paper_prices_updated AFTER UPDATE ON paper_prices BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER paper_prices_deleted AFTER DELETE ON paper_prices BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER expert_instances_inserted AFTER INSERT ON expert_instances BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_instances_updated AFTER UPDATE ON expert_instances BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_instances_deleted AFTER DELETE ON expert_instances BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER expert_settings_inserted AFTER INSERT ON expert_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_settings_updated AFTER UPDATE ON expert_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER expert_settings_deleted AFTER DELETE ON expert_settings BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER app_settings_inserted AFTER INSERT ON app_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER app_settings_updated AFTER UPDATE ON app_settings BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER app_settings_deleted AFTER DELETE ON app_settings BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER transactions_inserted AFTER INSERT ON transactions BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER transactions_updated AFTER UPDATE ON transactions BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER transactions_deleted AFTER DELETE ON transactions BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER orders_inserted AFTER INSERT ON orders BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER orders_updated AFTER UPDATE ON orders BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER orders_deleted AFTER DELETE ON orders BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER bars_inserted AFTER INSERT ON bars BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER bars_updated AFTER UPDATE ON bars BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER bars_deleted AFTER DELETE ON bars BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER market_analyses_inserted AFTER INSERT ON market_analyses BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER market_analyses_updated AFTER UPDATE ON market_analyses BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER market_analyses_deleted AFTER DELETE ON market_analyses BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER recommendations_inserted AFTER INSERT ON recommendations BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER recommendations_updated AFTER UPDATE ON recommendations BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER recommendations_deleted AFTER DELETE ON recommendations BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER plugin_binaries_inserted AFTER INSERT ON plugin_binaries BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER plugin_binaries_updated AFTER UPDATE ON plugin_binaries BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER plugin_binaries_deleted AFTER DELETE ON plugin_binaries BEGIN UPDATE data_version SET version = version + 1; END;

CREATE TRIGGER installed_plugins_inserted AFTER INSERT ON installed_plugins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER installed_plugins_updated AFTER UPDATE ON installed_plugins BEGIN UPDATE data_version SET version = version + 1; END;
CREATE TRIGGER installed_plugins_deleted AFTER DELETE ON installed_plugins BEGIN UPDATE data_version SET version = version + 1; END;
