DROP INDEX call_costs_with_look_ups;
ALTER TABLE call_costs DROP COLUMN look_ups;
ALTER TABLE call_costs DROP COLUMN error;
ALTER TABLE call_costs DROP COLUMN cache_misses;
ALTER TABLE call_costs DROP COLUMN cache_hits;
ALTER TABLE call_costs DROP COLUMN bytes;
ALTER TABLE call_costs DROP COLUMN call_id;
ALTER TABLE call_costs DROP COLUMN run;
