"""AIFrames ImageServer in Home Assistant."""
