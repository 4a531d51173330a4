-- The queue, version 1. Changes come as numbered steps in database.py, never by editing this file.
-- Paths are bytes as the system has them: a name need not be text. Times are UTC, ISO 8601 with microseconds.

-- One row per source file: its newest version that settled.
create table job (
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
create index job_due on job (priority desc, rank, path) where state in ('queued', 'waiting');
create index job_state on job (state, finished_at);
create index job_watch on job (watch);
create index job_digest on job (digest);
create index job_moved on job (moved_from) where moved_from is not null;

-- Pages already read, by content and way of reading, so that a restart goes on where it stopped
-- and the same bytes are not read twice.
create table page (
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

-- What gotwatch wrote, or was about to write when it died.
create table output (
    path   blob not null,
    digest text not null,
    job_id integer not null references job (id) on delete cascade,
    fold   text not null,                    -- the path without case and Unicode form, to see names that collide
    primary key (path, digest)
) strict, without rowid;
create index output_job on output (job_id);
create index output_fold on output (fold);

-- Files that were seen and will not be read.
create table ignored (
    path    blob primary key,
    watch   text not null,
    rule    text not null,
    reason  text not null
) strict, without rowid;
create index ignored_watch on ignored (watch);

-- Folders as they were when last seen, to tell one that is away from one that is empty.
create table folder (
    path   text primary key,
    device text not null,                    -- numbers, of which some file systems have larger ones than an integer
    inode  text not null,
    mount  text not null,
    volume text not null
) strict;

-- What a person switched.
create table setting (
    name  text primary key,
    value text not null
) strict;
