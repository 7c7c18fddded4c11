"""The control API: what a person or a test does to the sandbox, as plain JSON over HTTP."""

from sandbox.control.proxies import ProxyShelf
from sandbox.control.server import Control

__all__ = ["Control", "ProxyShelf"]
