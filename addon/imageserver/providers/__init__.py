"""The sources of new pictures."""
