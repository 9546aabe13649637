-- What a journal entry is about, as a poll says it: 'file_delete', 'file_move'. NULL
-- is 'file_update', which most are, and all from before this was written down.

ALTER TABLE changes ADD COLUMN event TEXT;
