"""Built-in detectors of leakrail, one noun a file."""

OWNER = "leakrail"
