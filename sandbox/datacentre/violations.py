"""What a client can do wrong below the level of an API method.

    Violation            the connection ends
    ├── Garbage          bytes that no transport allows
    ├── UnknownKey       an auth key that the data centre does not know
    ├── ExchangeRefused  a key exchange with a wrong nonce, proof or number
    └── Forged           an encrypted message that does not hold together

What is wrong with one API call only is an `RpcFailure` (`sandbox.datacentre.dispatcher`).
"""


class Violation(Exception):
    """The connection can't go on. `code`, where given, is told to the client first."""

    code: int | None = None


class Garbage(Violation):
    """The bytes are no packet of the transport in use, or one over the limit."""


class UnknownKey(Violation):
    """The auth key id is not known: transport error -404 (mtproto/mtproto-transports)."""

    code = -404


class ExchangeRefused(Violation):
    """A step of the key exchange does not fit the steps before it; the client starts over."""

    code = -404


class Forged(Violation):
    """The message key does not match the plaintext, or the plaintext has no valid form.

    Nothing is told to the client: an answer would help to guess (mtproto/security_guidelines).
    """
