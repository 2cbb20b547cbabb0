"""What personal data looks like, a file for each kind of sign that gives it away."""
