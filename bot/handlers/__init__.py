"""Handlers: parse, one use case, render a view."""
