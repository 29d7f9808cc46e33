"""The way of the outbox's events to the registry over MQTT, and of its answers back."""
