-- How a run ended, in a word: PASSED, FAILED, INVALID, INTERRUPTED. It is empty for runs of before, and of sheets.
ALTER TABLE run ADD COLUMN judgement TEXT NOT NULL DEFAULT '';
