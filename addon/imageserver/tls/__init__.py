"""Certificates and how the server speaks TLS."""
