"""The tables of what must survive a restart. Times are seconds since 1970, UTC; flags are 0 or 1."""

VERSION = 1
"""Of this schema; `PRAGMA user_version` says which one a file has."""

TABLES = """
CREATE TABLE notes (               -- single values, as JSON: installation id, last automatic request, ...
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pictures (            -- see models.Picture
  id INTEGER PRIMARY KEY,
  stem TEXT NOT NULL UNIQUE,
  scaled TEXT,
  original TEXT,
  own INTEGER NOT NULL DEFAULT 0,
  added_at REAL NOT NULL,
  provider TEXT,
  prompt TEXT,
  negative TEXT,
  made_at REAL,
  took_seconds REAL,
  width INTEGER,
  height INTEGER,
  bytes INTEGER NOT NULL DEFAULT 0,
  favourite INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  deleted_at REAL,
  unreadable TEXT,
  shown INTEGER NOT NULL DEFAULT 0,
  shown_at REAL,
  round INTEGER NOT NULL DEFAULT 0,  -- the shuffled bag: lowest round first, within it by lot
  lot REAL NOT NULL DEFAULT 0,
  ready TEXT,                        -- the file that frames get, how it was made, and how to know it again
  ready_for TEXT,
  ready_bytes INTEGER,
  ready_mtime_ns INTEGER,
  scaled_stamp TEXT,                 -- size and mtime of the files when last looked at
  original_stamp TEXT
) STRICT;
CREATE INDEX rotation ON pictures (round, lot)
  WHERE archived = 0 AND deleted_at IS NULL AND unreadable IS NULL;
CREATE INDEX newest ON pictures (added_at);
CREATE INDEX deleted ON pictures (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE showings (            -- how often each frame showed each picture
  picture_id INTEGER NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
  frame TEXT NOT NULL,
  times INTEGER NOT NULL,
  last_at REAL NOT NULL,
  PRIMARY KEY (picture_id, frame)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue (               -- what is shown before the rotation's turn
  id INTEGER PRIMARY KEY,
  chosen INTEGER NOT NULL,         -- 1: a person chose it, shown even in sleep; 0: made and not yet seen
  picture_id INTEGER REFERENCES pictures (id) ON DELETE CASCADE,
  passing TEXT,                    -- instead of a picture: a file of the passing directory
  frame TEXT,                      -- NULL: whichever asks first
  created_at REAL NOT NULL,
  claimed_by TEXT                  -- the operation that has it, until it is delivered
) STRICT;

CREATE TABLE generations (         -- see models.Generation
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL,
  prompt TEXT,
  negative TEXT,
  asked_at REAL NOT NULL,
  day TEXT NOT NULL,
  fate TEXT NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0,
  ticket TEXT,
  error_code TEXT,
  error TEXT,
  finished_at REAL,
  picture_id INTEGER,
  passing TEXT,
  frame TEXT,
  show INTEGER NOT NULL DEFAULT 1,
  prompt_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX budget ON generations (provider, day);
CREATE INDEX recent ON generations (asked_at);

CREATE TABLE operations (          -- see models.Operation; kept for an hour after they end
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  created_at REAL NOT NULL,
  status TEXT NOT NULL,
  frame TEXT,
  content TEXT,
  generation_id TEXT,
  error_code TEXT,
  error TEXT,
  finished_at REAL,
  delivered_at REAL
) STRICT, WITHOUT ROWID;

CREATE TABLE frames (              -- see models.Frame
  address TEXT PRIMARY KEY,
  name TEXT,
  first_seen_at REAL NOT NULL,
  last_asked_at REAL NOT NULL,
  interval_seconds REAL,
  pictures_sent INTEGER NOT NULL DEFAULT 0,
  protocol TEXT NOT NULL,
  content TEXT,
  content_at REAL
) STRICT, WITHOUT ROWID;

CREATE TABLE refusals (            -- prompts that a provider refuses, until they are edited
  prompt_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  reason TEXT NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (prompt_id, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE prompt_ids (          -- a prompt keeps its id while its text stays what it was
  content TEXT PRIMARY KEY,
  id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (            -- totals since the beginning
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE history (             -- the same per local day (`2026-11-24`) and hour (`2026-11-24T13`)
  period TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (period, name)
) STRICT, WITHOUT ROWID;
"""
