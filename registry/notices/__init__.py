"""What gates are told: what to expect (pre-advice), and what may leave (releases, RADS)."""
