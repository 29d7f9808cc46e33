"""Pictures to container numbers, size-types and plates."""
