"""The gate's page: lanes live, correction by a person, devices, what was sent; always behind a login."""
