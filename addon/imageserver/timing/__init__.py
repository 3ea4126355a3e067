"""The clock, the local time zone, and what is done by them."""
