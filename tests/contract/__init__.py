"""Contract tests: the embedded broker against what the real one was recorded to do."""
