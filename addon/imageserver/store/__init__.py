"""The pictures that are kept: files, index, shuffled bag, caps."""
