"""A fake Bright Data: the account API, and the super proxy that its addresses are reached through."""

from sandbox.brightdata.server import BrightData

__all__ = ["BrightData"]
