-- The live folders in a folder, for how deep they are nested below it. Files need
-- no row in it.
CREATE INDEX live_folders ON items (space, parent)
  WHERE version IS NULL AND trashed_at IS NULL;
