"""The durable queue of events that the registry has not yet received."""
