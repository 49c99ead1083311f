"""How long we wait for a database, in seconds."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 600
BUSY_SECONDS = 10  # another process holds the SQLite file
