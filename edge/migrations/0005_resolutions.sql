-- Who resolved a conflict, and what they saw: to tell it, and to take it back.

-- NULL of open conflicts, and of those resolved before these columns.
ALTER TABLE conflicts ADD COLUMN resolved_user_name TEXT;
ALTER TABLE conflicts ADD COLUMN resolved_device TEXT;
ALTER TABLE conflicts ADD COLUMN resolved_device_name TEXT;
-- The head that they saw. A choice that made a version made the next one.
ALTER TABLE conflicts ADD COLUMN seen_version INTEGER;

-- A version that a choice made has the choice's time.
UPDATE conflicts SET seen_version = (
  SELECT v.version - 1 FROM versions v
  WHERE v.space = conflicts.space AND v.item = conflicts.item
    AND v.at = conflicts.resolved_at AND v.version > conflicts.base_version + 1
)
WHERE choice ->> 'choice' = 'keep_mine';

-- The resolved ones, by when they were.
CREATE INDEX resolved_conflicts ON conflicts (space, resolved_at, id)
  WHERE resolved_at IS NOT NULL;
