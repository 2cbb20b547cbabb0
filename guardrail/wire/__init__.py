"""Bytes of requests and answers, made safe without I/O: one codec for each shape."""
