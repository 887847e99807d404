DROP VIEW kept_plugins;
DROP TABLE expert_pins;
