"""What gives a recited passage away, one signal a file."""
