"""A private corpus as keyed fingerprints: build it, keep it, and match answers against it."""
