"""Serves pictures to AIFrames photo frames."""

__version__ = "2.0.0"
