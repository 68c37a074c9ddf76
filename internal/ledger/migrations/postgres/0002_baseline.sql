-- What the runs of a plan are compared with.
CREATE TABLE baseline (
	plan TEXT    PRIMARY KEY,              -- its hash
	run  BIGINT  NOT NULL REFERENCES run (number) ON DELETE CASCADE
);
