"""The recording of a visit: written as it happens, gone on with after a kill, run again."""
