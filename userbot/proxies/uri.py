"""A proxy written as one line that `parse` reads back."""

from urllib.parse import quote

from storage.proxies import Endpoint


def to_uri(endpoint: Endpoint) -> str:
    """With its login or secret: for whoever may have them, and never for a log."""
    if endpoint.scheme == "mtproto":
        server = quote(endpoint.host, safe=":")
        return f"tg://proxy?server={server}&port={endpoint.port}&secret={endpoint.password}"
    login = quote(endpoint.username, safe="")
    if endpoint.password:
        login += f":{quote(endpoint.password, safe='')}"
    return f"{endpoint.scheme}://{login}{'@' if login else ''}{endpoint.name}"
