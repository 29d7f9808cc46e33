"""The registry over HTTP: the console for people, the interface for other systems."""
