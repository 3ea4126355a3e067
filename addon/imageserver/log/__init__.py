"""The log: for people, without secrets."""
