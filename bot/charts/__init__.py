"""Pictures, drawn in a child process: matplotlib is never imported by the bot's own."""
