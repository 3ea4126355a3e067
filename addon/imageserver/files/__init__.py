"""Reading what people write, and writing so that nothing is lost."""
