"""What the tests stand on: a real PostgreSQL, a real Chromium, and no way out to the network."""
