"""`options.yml` and what a person changed at run time, as settings."""
