-- What the machines of a run came to.
ALTER TABLE run ADD COLUMN cost DOUBLE PRECISION NOT NULL DEFAULT 0; -- USD; 0: nobody said
ALTER TABLE run ADD COLUMN cost_basis TEXT NOT NULL DEFAULT '';      -- how that comes about, and whose prices they are
