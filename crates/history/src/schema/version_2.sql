-- Whether the test was ended before its time, so that its figures are of a part. Of runs that were added
-- before this was kept it is not known.
ALTER TABLE test ADD COLUMN cut_short INTEGER NOT NULL DEFAULT 0;
