-- A history as version 1 wrote it, as SQL. It is never changed: files like it are out there.
PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1347176781;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE environment (
    key INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO environment VALUES (1,'4cf3062d64e1947c040de8532a5e62a936f33cab4c2f8b00a0b472173b42a7a1'), (2,'1d9a900d6e0ce77dc0f47e45dfa8b6c3766e91208896d64a42cfe6bc175d83f4');
CREATE TABLE environment_part (
    environment INTEGER NOT NULL REFERENCES environment (key),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;
INSERT INTO environment_part VALUES (1,'cores','4'), (1,'engine','0.1.0'), (1,'kernel','6.11'), (1,'load','open, even: 130/s for 60 s'), (1,'memory','15 GiB'), (1,'processor','EPYC'), (1,'scenario','9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'), (1,'target','demo'), (1,'threads','2'), (1,'timer','timerfd'), (2,'cores','4'), (2,'engine','0.1.0'), (2,'kernel','6.11'), (2,'load','open, even: 130/s for 60 s'), (2,'memory','15 GiB'), (2,'processor','Xeon'), (2,'scenario','9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'), (2,'target','demo'), (2,'threads','2'), (2,'timer','timerfd');
CREATE TABLE histogram (
    run INTEGER NOT NULL REFERENCES run (key),
    series INTEGER NOT NULL REFERENCES series (key),
    samples INTEGER NOT NULL,
    encoded BLOB NOT NULL,
    PRIMARY KEY (run, series)
) STRICT;
INSERT INTO histogram VALUES (1,3,4,X'1C8493140000003D789C013200CDFF1C8493130000000A00000000000000030000000000000001000000001FFFFFFF3FF0000000000000C1AE0102FD0F04CB7802AA530967'), (2,3,4,X'1C8493140000003D789C013200CDFF1C8493130000000A00000000000000030000000000000001000000001FFFFFFF3FF0000000000000C1AE0102FD0F04CB7802AA530967');
CREATE TABLE metric (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL
) STRICT;
INSERT INTO metric VALUES (1,'p50','ns'), (2,'p90','ns'), (3,'p95','ns'), (4,'p99','ns'), (5,'p99.9','ns'), (6,'max','ns'), (7,'mean','ns'), (8,'p50_ok','ns'), (9,'p95_ok','ns'), (10,'p99_ok','ns'), (11,'max_ok','ns'), (12,'errors','share'), (13,'timeouts','share'), (14,'shed','share'), (15,'offered','per_s'), (16,'rate','per_s'), (17,'goodput','per_s');
CREATE TABLE point (
    series INTEGER NOT NULL REFERENCES series (key),
    metric INTEGER NOT NULL REFERENCES metric (key),
    run INTEGER NOT NULL REFERENCES run (key),
    value REAL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (series, metric, run)
) STRICT, WITHOUT ROWID;
INSERT INTO point VALUES (1,1,1,81480000.0,13260), (1,1,2,81480000.0,13260), (1,2,1,194000000.0,13260), (1,2,2,194000000.0,13260), (1,3,1,283240000.0,13260), (1,3,2,283240000.0,13260), (1,4,1,388000000.0,13260), (1,4,2,388000000.0,13260), (1,5,1,543200000.0,13260), (1,5,2,543200000.0,13260), (1,6,1,671240000.0,13260), (1,6,2,671240000.0,13260), (1,7,1,97000000.0,13260), (1,7,2,97000000.0,13260), (1,8,1,81480000.0,13260), (1,8,2,81480000.0,13260), (1,9,1,283240000.0,13260), (1,9,2,283240000.0,13260), (1,10,1,388000000.0,13260), (1,10,2,388000000.0,13260), (1,11,1,671240000.0,13260), (1,11,2,671240000.0,13260), (1,12,1,0.0,13260), (1,12,2,0.0,13260), (1,13,1,0.0,13260), (1,13,2,0.0,13260), (1,14,1,0.0,13260), (1,14,2,0.0,13260), (1,15,1,130.0,5460), (1,15,2,130.0,5460), (1,16,1,2.20955808838232343311e+02,13260), (1,16,2,2.20955808838232343311e+02,13260), (1,17,1,2.16956608678264359466e+02,13020), (1,17,2,2.16956608678264359466e+02,13020), (2,1,1,84420000.0,5460), (2,1,2,84420000.0,5460), (2,2,1,201000000.0,5460), (2,2,2,201000000.0,5460), (2,3,1,293460000.0,5460), (2,3,2,293460000.0,5460), (2,4,1,402000000.0,5460), (2,4,2,402000000.0,5460), (2,5,1,562800000.0,5460), (2,5,2,562800000.0,5460), (2,6,1,695460000.0,5460), (2,6,2,695460000.0,5460), (2,7,1,100500000.0,5460), (2,7,2,100500000.0,5460), (2,8,1,84420000.0,5460), (2,8,2,84420000.0,5460), (2,9,1,293460000.0,5460), (2,9,2,293460000.0,5460), (2,10,1,402000000.0,5460), (2,10,2,402000000.0,5460), (2,11,1,695460000.0,5460), (2,11,2,695460000.0,5460), (2,12,1,0.0,5460), (2,12,2,0.0,5460), (2,13,1,0.0,5460), (2,13,2,0.0,5460), (2,14,1,0.0,5460), (2,14,2,0.0,5460), (2,16,1,9.09818036392721438652e+01,5460), (2,16,2,9.09818036392721438652e+01,5460), (2,17,1,9.09818036392721438652e+01,5460), (2,17,2,9.09818036392721438652e+01,5460), (3,1,1,81480000.0,5460), (3,1,2,81480000.0,5460), (3,2,1,194000000.0,5460), (3,2,2,194000000.0,5460), (3,3,1,283240000.0,5460), (3,3,2,283240000.0,5460), (3,4,1,380000000.0,5460), (3,4,2,380000001.0,5460), (3,5,1,543200000.0,5460), (3,5,2,543200000.0,5460), (3,6,1,671240000.0,5460), (3,6,2,NULL,5460), (3,7,1,97000000.0,5460), (3,7,2,97000000.0,5460), (3,8,1,81480000.0,5460), (3,8,2,81480000.0,5460), (3,9,1,283240000.0,5460), (3,9,2,283240000.0,5460), (3,10,1,388000000.0,5460), (3,10,2,388000000.0,5460), (3,11,1,671240000.0,5460), (3,11,2,671240000.0,5460), (3,12,1,0.0,5460), (3,12,2,0.0,5460), (3,13,1,0.0,5460), (3,13,2,0.0,5460), (3,14,1,0.0,5460), (3,14,2,0.0,5460), (3,16,1,9.09818036392721438652e+01,5460), (3,16,2,9.09818036392721438652e+01,5460), (3,17,1,9.09818036392721438652e+01,5460), (3,17,2,9.09818036392721438652e+01,5460);
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
INSERT INTO run VALUES (1,'d54826f3da129be6f96dab7550d514f0','travel-shop','travel-shop','4.11.3','before the migration','9f2c1e0','main',1795010400000000000,60012000000,'complete','go','GO: both thresholds were shown to hold','valid'), (2,'1c6093505d6b548d07d77edce3bdcd76','travel-shop','travel-shop','4.11.3',NULL,'9f2c1e0','main',1795010460000000000,60012000000,'complete','go','GO: both thresholds were shown to hold','valid');
CREATE TABLE series (
    key INTEGER PRIMARY KEY,
    scenario TEXT NOT NULL,
    test TEXT NOT NULL,
    journey TEXT,
    step TEXT
) STRICT;
INSERT INTO series VALUES (1,'travel-shop','expected',NULL,NULL), (2,'travel-shop','expected','search',NULL), (3,'travel-shop','expected','search','results');
CREATE TABLE test (
    run INTEGER NOT NULL REFERENCES run (key),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    environment INTEGER NOT NULL REFERENCES environment (key),
    elapsed_ns INTEGER NOT NULL,
    warmup_ns INTEGER NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
INSERT INTO test VALUES (1,'expected',0,1,60012000000,5000000000), (2,'expected',0,2,60012000000,5000000000);
CREATE INDEX run_by_scenario ON run (scenario, started_ns);
CREATE INDEX test_by_environment ON test (environment);
CREATE INDEX series_by_name ON series (scenario, test, journey, step);
CREATE INDEX point_by_run ON point (run);
COMMIT;
