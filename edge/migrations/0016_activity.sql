-- Who made a journal entry, by the names that they had then, and what else is known of
-- it: where the item stood before and after, and its version, in JSON. NULL in entries
-- from before this was written down.

ALTER TABLE changes ADD COLUMN user TEXT;
ALTER TABLE changes ADD COLUMN user_name TEXT;
ALTER TABLE changes ADD COLUMN device TEXT;
ALTER TABLE changes ADD COLUMN device_name TEXT;
ALTER TABLE changes ADD COLUMN detail TEXT;
