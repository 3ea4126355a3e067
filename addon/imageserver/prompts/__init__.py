"""The prompt book: `prompts.yaml`, its placeholders, and drawing from it."""
