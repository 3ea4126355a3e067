"""The two web applications over one server object."""
