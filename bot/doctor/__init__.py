"""Checks of everything that Mooring needs, each with its verdict and how to mend what is wrong."""
