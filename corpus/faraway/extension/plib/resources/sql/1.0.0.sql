CREATE TABLE IF NOT EXISTS agents (
    uuid TEXT PRIMARY KEY,
    machineId TEXT NOT NULL,
    hostUuid TEXT NOT NULL,
    agent_tokenid INTEGER,
    position INTEGER
);
CREATE TABLE IF NOT EXISTS watched (
    agent TEXT NOT NULL REFERENCES agents (uuid),
    whose INTEGER NOT NULL
);
