-- The finest stretches that a run still has, so that old runs are found without a look at their blocks.
ALTER TABLE run ADD COLUMN finest INTEGER NOT NULL DEFAULT 1;  -- s: 1, 10, 60
CREATE INDEX run_finest ON run (finest, started);
