-- Mounts: items that have neither content nor anything in them, and lead to what somebody
-- else has shared. The grant by which their owner has access to it; it may be no more.

ALTER TABLE items ADD COLUMN mount TEXT;

-- One for each grant.
CREATE UNIQUE INDEX mounts ON items (space, mount) WHERE mount IS NOT NULL;
