"""What a call of the Bot API can raise when it can't be carried out."""

import aiohttp
from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramServerError
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

PROXY_ERRORS = (ProxyError, ProxyConnectionError, ProxyTimeoutError)
"""`BOT_PROXY` fails; aiohttp-socks lets python-socks' errors through, aiogram does not wrap them."""
BOT_API_ERRORS = (AiogramError, OSError, *PROXY_ERRORS)


def may_have_arrived(error: Exception) -> bool:
    """Whether a call that failed so may have been carried out.

    Telegram's refusals and a refused connection are definite; what broke later is not.
    """
    if isinstance(error, TelegramServerError):
        return True
    if not isinstance(error, TelegramNetworkError):
        return False
    cause = error.__cause__
    return not isinstance(
        cause, (aiohttp.ClientConnectorError, ConnectionRefusedError, *PROXY_ERRORS)
    )
