-- One row for each run: the nine columns of the ledger, and what runs are found and sorted by.
CREATE TABLE run (
	number       INTEGER PRIMARY KEY,      -- in the order in which runs came into the ledger
	id           TEXT    NOT NULL UNIQUE,  -- sorts by start: 20261102-190000-3f9a
	state        TEXT    NOT NULL,         -- running, done, interrupted, imported
	name         TEXT    NOT NULL,         -- of the test
	started      INTEGER NOT NULL,         -- ns since 1970, UTC
	zone         TEXT    NOT NULL,         -- where it was started: CET
	zone_offset  INTEGER NOT NULL,         -- s east of UTC then
	duration     INTEGER NOT NULL,         -- ns
	host         TEXT    NOT NULL,
	model        TEXT    NOT NULL,
	paced        INTEGER NOT NULL,         -- 1: times are response times, else service times
	users        INTEGER NOT NULL,
	spawn_rate   REAL    NOT NULL,         -- users per second, 0: all at once
	users_text   TEXT    NOT NULL,
	rate_text    TEXT    NOT NULL,
	seed         TEXT    NOT NULL,
	plan_hash    TEXT    NOT NULL,
	version      TEXT    NOT NULL,         -- of stampede
	git_commit   TEXT    NOT NULL,         -- of the test
	git_dirty    INTEGER NOT NULL,         -- 1: with changes that were not committed
	stopped      TEXT    NOT NULL,
	changes      TEXT    NOT NULL,
	focus        TEXT    NOT NULL,
	notes        TEXT    NOT NULL,
	results      TEXT    NOT NULL,         -- in the words of stampede
	added        TEXT    NOT NULL,         -- to the results, by a person
	links        TEXT    NOT NULL,         -- JSON list
	tags         TEXT    NOT NULL,         -- JSON list
	verdict      TEXT    NOT NULL,         -- VALID, SUSPECT, INVALID; '' while it is not known
	thresholds   INTEGER NOT NULL,
	passed       INTEGER NOT NULL,         -- of those
	requests     INTEGER NOT NULL,
	failures     INTEGER NOT NULL,
	rate         REAL    NOT NULL,         -- requests per second
	p50          INTEGER NOT NULL,         -- ns, of the headline
	p95          INTEGER NOT NULL,
	p99          INTEGER NOT NULL,
	lost         INTEGER NOT NULL,         -- seconds that could not be written
	head         BLOB    NOT NULL,         -- what the recorder was told at the start, JSON
	errors       BLOB                      -- failures so far, while it runs
);
CREATE INDEX run_started ON run (started, number);
CREATE INDEX run_state ON run (state);

-- What the run was in full, apart from its course.
CREATE TABLE result (
	run    INTEGER PRIMARY KEY REFERENCES run (number) ON DELETE CASCADE,
	meta   BLOB NOT NULL,                  -- JSON, zstd
	judged BLOB NOT NULL,                  -- rows and errors without the warm-up
	whole  BLOB                            -- with it; NULL when there was none
);

-- Request names of a run. Number 0 of a block is all of them together and has no row here.
CREATE TABLE name (
	run    INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	type   TEXT    NOT NULL,
	name   TEXT    NOT NULL,
	PRIMARY KEY (run, number)
);

-- The course of a run: one name during one minute, second by second at first, in longer stretches later.
CREATE TABLE block (
	run    INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
	name   INTEGER NOT NULL,
	minute INTEGER NOT NULL,               -- of the run
	width  INTEGER NOT NULL,               -- s, of its stretches: 1, 10, 60
	data   BLOB    NOT NULL,
	PRIMARY KEY (run, name, minute)
);

-- The seconds that are not yet a block.
CREATE TABLE second (
	run    INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
	second INTEGER NOT NULL,
	data   BLOB    NOT NULL,
	PRIMARY KEY (run, second)
);

CREATE TABLE event (
	run    INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	at     INTEGER NOT NULL,               -- ns since the start of the run
	kind   TEXT    NOT NULL,
	text   TEXT    NOT NULL,
	PRIMARY KEY (run, number)
);
