-- Runs that come by themselves.
CREATE TABLE schedule (
	name     TEXT    PRIMARY KEY,
	cron     TEXT    NOT NULL,
	zone     TEXT    NOT NULL,          -- of the time zone database
	settings TEXT    NOT NULL,          -- of its runs: JSON, lists of texts by key of stampede.yaml
	enabled  INTEGER NOT NULL,          -- 1: it is carried out
	late     INTEGER NOT NULL,          -- ns after its time within which a run may still begin
	busy     INTEGER NOT NULL,          -- 1: it runs also when its machine is busy with something else
	created  INTEGER NOT NULL,          -- ns since 1970, UTC
	since    INTEGER NOT NULL,          -- all times up to here are taken care of
	asked    INTEGER NOT NULL           -- when somebody asked for a run out of turn; 0 when nobody has
);

-- What became of each time that was due.
CREATE TABLE turn (
	number   INTEGER PRIMARY KEY,
	schedule TEXT    NOT NULL REFERENCES schedule (name) ON DELETE CASCADE,
	due      INTEGER NOT NULL,
	begun    INTEGER NOT NULL,
	ended    INTEGER NOT NULL,          -- 0 while it goes on
	state    TEXT    NOT NULL,          -- running, ran, skipped, missed, failed
	run      TEXT    NOT NULL,          -- its id; '' for none
	missed   INTEGER NOT NULL,          -- how many times this stands for
	words    TEXT    NOT NULL,          -- what came of it
	accepted INTEGER NOT NULL DEFAULT 0, -- 1: the level that began with this run is how things are now
	UNIQUE (schedule, due)
);
CREATE INDEX turn_state ON turn (state);
