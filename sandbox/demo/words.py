"""What the demo says on standard output."""

import getpass
import os
import sys
from pathlib import Path

from sandbox.demo.cast import FREE


def welcome(page: str, log: Path) -> str:
    name, phone, password = FREE
    return f"""
page: {page}

You are Olga, who owns this Mooring, in her chat with the bot. Twelve accounts of four countries
are connected, behind a SOCKS5, an HTTP and an MTProto proxy; a fourth proxy is down, and a draft
waits for your word. The page has a short tour. Things to try:

  send     /send as Alice to @bob_harbour or @eve_lighthouse
  break    cut Alice on the right, or stop her proxy and send again: the bot steps in
  enrol    /add_account, then {phone} ({name}); the code shows on the right,
           the password is: {password}
  again    [Start the world anew] on the page throws all of it away and begins afresh

Mooring's log: {log}
Ctrl-C ends everything; nothing is kept.
"""


def ways_in(port: int) -> str:
    """How to reach the page from elsewhere, where somebody came over SSH; else nothing."""
    parts = os.environ.get("SSH_CONNECTION", "").split()
    if len(parts) != 4:
        return ""
    _, _, server, ssh_port = parts
    other = "" if ssh_port == "22" else f"-p {ssh_port} "
    return f"""
This machine is remote. In a terminal on your own:
  ssh {other}-L {port}:127.0.0.1:{port} {getpass.getuser()}@{server}
and open the page's address there.
"""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
