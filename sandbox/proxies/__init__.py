"""Proxies as they are rented: each keeps a book of who dialled whom through it."""
