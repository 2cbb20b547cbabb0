"""What is kept about those who ask, from one request to the next."""
