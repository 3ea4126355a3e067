"""From bytes to bytes: checking, fitting and encoding pictures. Pillow is imported here and by what draws."""
