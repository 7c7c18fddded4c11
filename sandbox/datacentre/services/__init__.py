"""The API methods, one module a namespace: core.telegram.org/methods."""
