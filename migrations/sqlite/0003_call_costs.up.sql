-- The rest of the bill of a call. What was recorded before has none of it.

-- Which run of a host process, and which call of it, as its log names them.
ALTER TABLE call_costs ADD COLUMN run TEXT;
ALTER TABLE call_costs ADD COLUMN call_id INTEGER;
ALTER TABLE call_costs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_costs ADD COLUMN cache_hits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_costs ADD COLUMN cache_misses INTEGER NOT NULL DEFAULT 0;
-- Why it did not end well; NULL where it did.
ALTER TABLE call_costs ADD COLUMN error TEXT;
-- An object: how often it looked up what one by one; NULL where nothing.
ALTER TABLE call_costs ADD COLUMN look_ups TEXT CHECK (json_valid(look_ups));

-- Most calls look nothing up in a loop and end well.
CREATE INDEX call_costs_with_look_ups ON call_costs (began_at) WHERE look_ups IS NOT NULL;
