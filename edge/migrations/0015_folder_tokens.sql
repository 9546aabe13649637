-- An access token of one folder, which is an item of its user's space. Its scope has
-- names of its own ('folder', 'folder_read_only'), so that a program from before this
-- column, while one takes over from the other, knows none of them and refuses the token.
ALTER TABLE devices ADD COLUMN folder TEXT;
