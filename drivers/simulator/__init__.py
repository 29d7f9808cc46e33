"""Virtual devices: they play the bytes, scans and pictures that they are given, over ptys and sockets."""
