"""Requests for a picture: what frames ask for and are shown."""
