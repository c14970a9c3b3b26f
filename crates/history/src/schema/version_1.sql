-- The head of a run. `id` is made of what was measured, so that a run is recognised when it comes again.
CREATE TABLE run (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    scenario TEXT NOT NULL,
    name TEXT NOT NULL,
    release TEXT,
    label TEXT,
    revision TEXT,
    branch TEXT,
    started_ns INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT,
    sentence TEXT NOT NULL,
    validity TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_scenario ON run (scenario, started_ns);

-- The circumstances of a test. Runs share a row where nothing differs.
CREATE TABLE environment (
    key INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE environment_part (
    environment INTEGER NOT NULL REFERENCES environment (key),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE test (
    run INTEGER NOT NULL REFERENCES run (key),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    environment INTEGER NOT NULL REFERENCES environment (key),
    elapsed_ns INTEGER NOT NULL,
    warmup_ns INTEGER NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX test_by_environment ON test (environment);

-- What figures are of. Without a step it is a journey, without a journey the whole test.
CREATE TABLE series (
    key INTEGER PRIMARY KEY,
    scenario TEXT NOT NULL,
    test TEXT NOT NULL,
    journey TEXT,
    step TEXT
) STRICT;
CREATE INDEX series_by_name ON series (scenario, test, journey, step);

CREATE TABLE metric (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL
) STRICT;

-- `value` is NULL where the figure is infinite. Where there was no sample there is no row.
CREATE TABLE point (
    series INTEGER NOT NULL REFERENCES series (key),
    metric INTEGER NOT NULL REFERENCES metric (key),
    run INTEGER NOT NULL REFERENCES run (key),
    value REAL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (series, metric, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX point_by_run ON point (run);

-- Response times of successes in ns, as HdrHistogram V2, deflated.
CREATE TABLE histogram (
    run INTEGER NOT NULL REFERENCES run (key),
    series INTEGER NOT NULL REFERENCES series (key),
    samples INTEGER NOT NULL,
    encoded BLOB NOT NULL,
    PRIMARY KEY (run, series)
) STRICT;
