-- Runs that are made again at once, because the first of a night left open what it came to.
ALTER TABLE schedule ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0;  -- how often at most
ALTER TABLE turn ADD COLUMN again BIGINT NOT NULL DEFAULT 0;        -- 1: it belongs to the turn before
