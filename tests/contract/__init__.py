"""Contract tests: the embedded broker against recordings of a real broker."""
