"""Sending as the accounts: the outbox, its pace, and what is asked of Telegram."""
