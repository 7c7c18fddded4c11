"""Tells the admin chat what broke and when it is well again: one message per incident."""

from bot.alerts.loop import Alerts

__all__ = ["Alerts"]
