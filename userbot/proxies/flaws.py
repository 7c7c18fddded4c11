"""What can be wrong with a line that should name a proxy.

Every sentence is fixed: what an operator typed is never repeated, because the word in the place
of a port may be a password.
"""

from enum import StrEnum


class Flaw(StrEnum):
    """The reason, in words for the operator."""

    EMPTY = "the line is empty"
    TOO_LONG = "the line is too long for a proxy"
    FORM = (
        "it does not have a known form: ip:port, ip:port:user:password, user:password@host:port, "
        "socks5://…, socks4://…, http://…, or a Telegram proxy link"
    )
    SCHEME = "this scheme is not known: there are socks5, socks4 and http, and Telegram's links"
    TLS = "proxies behind TLS are not supported; one that only takes CONNECT is written http://"
    HOST = "the host is neither an IP address nor a host name"
    IPV4 = "that is not an IP address: it has four numbers up to 255, without leading zeros"
    IPV6 = "an IPv6 address is written in brackets, without a zone: [2001:db8::1]:1080"
    NO_HOST = "the host is missing"
    NO_PORT = "the port is missing"
    PORT = "the port is not a number"
    PORT_RANGE = "the port is not between 1 and 65535"
    ORDER = "the order is ip:port:user:password, or user:password@host:port"
    AFTER_PORT = "something follows the port"
    NO_PASSWORD = "there is a user name but no password"  # noqa: S105 - a sentence, no secret
    NO_USER = "there is a password but no user name"
    LOGIN_TOO_LONG = "the user name or the password is longer than 255 bytes"
    LOGIN_CHARACTERS = "the user name or the password holds characters that no login can have"
    USER_COLON = "a user name of an HTTP proxy can't hold a colon"
    SOCKS4_PASSWORD = "SOCKS4 knows a user name only, and no password"  # noqa: S105 - see above
    LINK = "a Telegram link has the form tg://proxy?server=…&port=…&secret=… or tg://socks?…"
    NO_SECRET = "the secret is missing"  # noqa: S105 - see above
    SECRET = "the secret is not 16 bytes, nor dd and 16 bytes, in hex or base64"  # noqa: S105 - see above
    FAKE_TLS = (
        "secrets that start with ee (fake TLS) are not supported; "
        "ask the proxy's owner for one that starts with dd"
    )


class BadProxyLine(ValueError):
    """That line names no proxy; `reason` says what is wrong in words for the operator."""

    def __init__(self, reason: Flaw) -> None:
        super().__init__(reason.value)
        self.reason = reason
