"""A visit told in a file, one reading a line, for tests and for people."""
