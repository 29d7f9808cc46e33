"""The command line of the gate: each command is a function in `gateway.commands`, imported when called."""
