"""Tells the admin chat what broke and when it is well again: one message per incident."""

from bot.alerts.deaths import DeathWatch
from bot.alerts.loop import Alerts

__all__ = ["Alerts", "DeathWatch"]
