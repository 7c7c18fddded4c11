"""Mooring as a program of its own under random faults, for long."""
