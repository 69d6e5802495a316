ALTER TABLE watched ADD COLUMN under INTEGER;
CREATE TABLE IF NOT EXISTS files (
    path_id TEXT PRIMARY KEY,
    agent TEXT,
    part_no INTEGER
);
