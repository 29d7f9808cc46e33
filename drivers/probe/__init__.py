"""Which protocol speaks on an unknown line: listening, weighing the evidence, and saying no more than was
heard."""
