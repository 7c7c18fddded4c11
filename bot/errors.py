"""What a call of the Bot API can raise when it can't be carried out."""

from aiogram.exceptions import AiogramError
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

PROXY_ERRORS = (ProxyError, ProxyConnectionError, ProxyTimeoutError)
"""`BOT_PROXY` fails; aiohttp-socks lets python-socks' errors through, aiogram does not wrap them."""
BOT_API_ERRORS = (AiogramError, OSError, *PROXY_ERRORS)
