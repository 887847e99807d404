-- Which accounts an installed plugin sees: `all`, or their ids separated by
-- commas. One that was installed before sees what it saw.
--
-- The triggers of `installed_plugins` count a change of this column too: they
-- are about rows, and not about columns.

ALTER TABLE installed_plugins ADD COLUMN accounts TEXT NOT NULL DEFAULT 'all';
