-- What was where at a time is told from the journal: the first entry of an item after that
-- time says where the item stood before it.

-- The entries that change a place, by their items. Most entries are of content and have no
-- row in it.
CREATE INDEX changes_of_places ON changes (space, item, seq)
  WHERE event IN ('file_create', 'file_move', 'file_delete', 'file_restore', 'handed_over');

-- Entries from before it was written down where an item stood. None is added any more.
CREATE INDEX changes_untold ON changes (space, seq) WHERE detail IS NULL;
