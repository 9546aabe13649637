-- Whether its person has given it a name: a browser that signs in again then keeps that one,
-- and does not call itself anew. What it wrote before keeps the name that it had then.
ALTER TABLE devices ADD COLUMN is_named INTEGER NOT NULL DEFAULT 0;
