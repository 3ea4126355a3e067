"""The tables of what must survive a restart. Times are seconds since 1970, UTC; flags are 0 or 1."""

VERSION = 1
"""Of this schema; `PRAGMA user_version` says which one a file has."""

TABLES = """
CREATE TABLE notes (               -- single values, as JSON: installation id, last automatic request, ...
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pictures (            -- see models.Picture
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: operations, caches and links name it
  stem TEXT NOT NULL,
  words TEXT NOT NULL,             -- what a search looks through: prompt, negative part, stem; case folded
  scaled TEXT,
  scaled_stamp TEXT,               -- size and mtime of the file when last looked at: `45000:1764...`
  original TEXT,
  original_stamp TEXT,
  bytes INTEGER AS (               -- a cast takes a stamp's leading number
    coalesce(CAST(scaled_stamp AS INTEGER), 0) + coalesce(CAST(original_stamp AS INTEGER), 0)
  ) VIRTUAL,
  own INTEGER NOT NULL DEFAULT 0,
  added_at REAL NOT NULL,
  provider TEXT,
  prompt TEXT,
  negative TEXT,
  made_at REAL,
  took_seconds REAL,
  width INTEGER,
  height INTEGER,
  favourite INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  deleted_at REAL,
  unreadable TEXT,
  shown INTEGER NOT NULL DEFAULT 0,
  shown_at REAL,
  round INTEGER NOT NULL,          -- the shuffled bag: lowest round first, within it by lot
  lot REAL NOT NULL,
  ready TEXT,                      -- the file that frames get: scaled, original, cache
  ready_for TEXT,                  -- fingerprint of the frame that it was made for
  ready_stamp TEXT
) STRICT;
CREATE VIEW rotation AS
  SELECT * FROM pictures WHERE archived = 0 AND deleted_at IS NULL AND unreadable IS NULL;
CREATE INDEX bag ON pictures (round, lot)
  WHERE archived = 0 AND deleted_at IS NULL AND unreadable IS NULL;
CREATE UNIQUE INDEX stems ON pictures (stem) WHERE deleted_at IS NULL;
CREATE INDEX scaled_files ON pictures (scaled) WHERE deleted_at IS NULL;
CREATE INDEX original_files ON pictures (original) WHERE deleted_at IS NULL;
CREATE INDEX newest ON pictures (added_at);
CREATE INDEX makers ON pictures (provider) WHERE provider IS NOT NULL;
CREATE INDEX leaving ON pictures (id) WHERE archived = 1 AND (scaled IS NOT NULL OR original IS NULL);
CREATE INDEX broken ON pictures (id) WHERE unreadable IS NOT NULL;
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

CREATE VIEW removable AS           -- what may leave when the store is over its caps
  SELECT * FROM pictures WHERE favourite = 0 AND deleted_at IS NULL AND unreadable IS NULL
    AND id NOT IN (SELECT picture_id FROM queue WHERE picture_id IS NOT NULL)
    AND id != (SELECT id FROM pictures WHERE deleted_at IS NULL ORDER BY added_at DESC, id DESC LIMIT 1);

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
