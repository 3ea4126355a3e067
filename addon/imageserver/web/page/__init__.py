"""The page for people: a few static files that live on the management API."""
