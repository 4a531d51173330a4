-- A queue as version 1 wrote it. Never to be changed: it stands for the queues that people have.
CREATE TABLE folder (
    path   text primary key,
    device text not null,                    -- numbers, of which some file systems have larger ones than an integer
    inode  text not null,
    mount  text not null,
    volume text not null
) strict;
INSERT INTO "folder" VALUES('/scans','42','7','/','');
CREATE TABLE ignored (
    path    blob primary key,
    watch   text not null,
    rule    text not null,
    reason  text not null
) strict, without rowid;
INSERT INTO "ignored" VALUES(X'2F7363616E732F6E6F7465732E646F6378','/scans','type','.docx is no type that gotwatch reads');
CREATE TABLE job (
    id         integer primary key,
    path       blob not null unique,
    watch      text not null,
    size       integer not null,
    mtime_ns   text not null,                -- a number; a broken clock can make it too large for an integer
    version    integer not null default 1,
    digest     text,                         -- sha256 of this version, once it has been read through
    state      text not null check (state in
                   ('queued', 'reading', 'waiting', 'done', 'done_with_warnings', 'failed', 'gone', 'forgotten')),
    attempts   integer not null default 0,   -- counted when claimed, so that a crash counts
    waits      integer not null default 0,
    priority   integer not null default 0,
    rank       integer not null default 0,   -- the watch's order as a number; equal ranks go by name
    redo       integer not null default 0,   -- kept texts are not to be used
    not_before text not null,
    lease_until text,                        -- somebody reads it; after this time nobody does
    started_at text,
    finished_at text,
    failure_kind text, failure_name text, failure_message text, failure_hint text,
    warnings   text not null default '[]',   -- JSON list of sentences
    pages      integer,
    engine     text,
    checkpoint text,
    copied_from blob,                        -- the file of the same bytes whose text was taken
    original   text not null default 'left',
    moved_from blob                          -- where the original lay before it was moved to this row's path
) strict;
INSERT INTO "job" VALUES(1,X'2F7363616E732F646F6E652E706E67','/scans',100,'1000',1,'d1','done',0,0,0,0,0,'2025-05-01T08:00:00.000000+00:00',NULL,NULL,'2025-05-01T08:01:00.000000+00:00',NULL,NULL,NULL,NULL,'[]',1,'paddle','PP-OCRv5',NULL,'left',NULL);
INSERT INTO "job" VALUES(2,X'2F7363616E732F7175657565642E706E67','/scans',100,'1000',1,NULL,'queued',0,0,0,0,0,'2025-05-01T08:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,NULL,'left',NULL);
INSERT INTO "job" VALUES(3,X'2F7363616E732F6661696C65642E706E67','/scans',100,'1000',1,NULL,'failed',1,0,0,0,0,'2025-05-01T08:00:00.000000+00:00',NULL,NULL,'2025-05-01T08:02:00.000000+00:00','input','Encrypted','It needs a password','Save a copy without one.','[]',NULL,NULL,NULL,NULL,'left',NULL);
CREATE TABLE output (
    path   blob not null,
    digest text not null,
    job_id integer not null references job (id) on delete cascade,
    fold   text not null,                    -- the path without case and Unicode form, to see names that collide
    primary key (path, digest)
) strict, without rowid;
INSERT INTO "output" VALUES(X'2F6F75742F646F6E652E706E672E747874','o1',1,'/out/done.png.txt');
CREATE TABLE page (
    digest     text not null,
    reading    text not null,
    number     integer not null,
    markup     text not null,
    tokens     integer not null,
    seconds    real not null,
    confidence real,
    finish     text not null,
    checkpoint text not null,
    primary key (digest, reading, number)
) strict, without rowid;
INSERT INTO "page" VALUES('d1','paddle||plain|',1,'Dear Sir',2,0.5,0.9,'stop','PP-OCRv5');
CREATE TABLE setting (
    name  text primary key,
    value text not null
) strict;
INSERT INTO "setting" VALUES('paused_until','for ever');
CREATE INDEX job_due on job (priority desc, rank, path) where state in ('queued', 'waiting');
CREATE INDEX job_state on job (state, finished_at);
CREATE INDEX job_watch on job (watch);
CREATE INDEX job_digest on job (digest);
CREATE INDEX job_moved on job (moved_from) where moved_from is not null;
CREATE INDEX output_job on output (job_id);
CREATE INDEX output_fold on output (fold);
CREATE INDEX ignored_watch on ignored (watch);
pragma user_version = 1;
