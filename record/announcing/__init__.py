"""What a depot, its customers and the tax office write down of cargo to come: files read into records."""
