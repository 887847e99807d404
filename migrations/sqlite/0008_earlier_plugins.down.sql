DROP TABLE earlier_plugins;
DELETE FROM plugin_binaries WHERE digest NOT IN (SELECT digest FROM installed_plugins);
