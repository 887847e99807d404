-- What was granted for some accounts must not become a grant for all: who sees
-- less than all has nothing any more, until it is installed again.

UPDATE installed_plugins SET granted = 'none' WHERE accounts <> 'all';
ALTER TABLE installed_plugins DROP COLUMN accounts;
