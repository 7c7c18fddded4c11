"""Mooring against the sandbox: twelve accounts, four proxies, two operators, and a guided tour.

Mooring runs as its own program, started as anyone would start it: this package knows its command
line and its variables, and imports nothing of it.
"""
