"""The control bot, notifications, the command line, and the composition root."""
