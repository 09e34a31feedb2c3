"""PostgreSQL and Valkey from wheels, started for a laptop or a test run. No Django in here."""
