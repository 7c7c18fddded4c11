"""The HTTP endpoint: whether Mooring is well, and its figures. It reads, and never acts."""
