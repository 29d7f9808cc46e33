"""What an experienced gate clerk knows, as pure code: readings become facts, facts a draft."""
