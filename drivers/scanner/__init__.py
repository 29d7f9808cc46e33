"""Barcode scanners: bytes or key strokes to scans."""
