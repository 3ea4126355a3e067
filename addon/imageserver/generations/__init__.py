"""Requests to providers: who may be asked, and what became of it."""
