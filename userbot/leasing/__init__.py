"""Leased proxies: bought, replaced when the provider lost them, given back (S1.5 to S1.7)."""
