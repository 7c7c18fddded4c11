"""Where providers are found. Apart from their clients: the settings need no HTTP library."""

API_URL = "https://api.brightdata.com"
"""Bright Data's account API (docs.brightdata.com/api-reference)."""
