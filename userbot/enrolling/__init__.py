"""Logging accounts in: by phone, code and password, or by a picture that a phone scans.

The key is durable before the login is reported: Telethon awaits the session's `save()` right
after the key exchange, so it is stored before even a code is sent or a picture is shown.
"""

from userbot.enrolling.enrolments import Enrolments

__all__ = ["Enrolments"]
