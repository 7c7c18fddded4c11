"""Side-by-side measurements: a ratio to a peer in the same run, never a bare time."""
