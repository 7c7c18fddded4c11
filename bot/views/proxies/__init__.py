"""Proxies as operators see them."""
