-- Packs whose blocks were copied into another pack: who has read where a block stood may
-- still be on the way to it, so the object stays for a while.

-- Milliseconds since 1970. Until then the object stays; 0 if nobody can be on the way.
ALTER TABLE condemned_packs ADD COLUMN stays_until INTEGER NOT NULL DEFAULT 0;
