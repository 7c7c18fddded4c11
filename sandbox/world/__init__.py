"""What is true in the sandbox's Telegram: people, messages, logins. No protocol, no socket."""

from sandbox.world.world import World

__all__ = ["World"]
