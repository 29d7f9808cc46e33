"""Who works at the console: users, their sessions, and what they did."""
