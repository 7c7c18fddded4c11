"""All that can be broken, with the fields of each, for whoever makes forms of it."""

from typing import Any

from aiohttp import web

from sandbox.control import bot_faults, brightdata, faults, network, orders, proxy_faults
from sandbox.control.boards import Place
from sandbox.control.requests import Body

_PATHS = {
    Place.DATA_CENTRE: "/control/faults",
    Place.BOT_API: "/control/botapi/faults",
    Place.PROXY: "/control/proxies/{proxy}/faults",
    Place.BRIGHT_DATA: "/control/brightdata/faults",
    Place.SUPER_PROXY: "/control/brightdata/proxy/faults",
}
_ONCE: list[tuple[Place, str, str, type[Body]]] = [
    (Place.DATA_CENTRE, "cut", "/control/connections/cut", network.Cut),
    (Place.DATA_CENTRE, "revoke", "/control/sessions/revoke", network.Revoke),
    (Place.DATA_CENTRE, "forge", "/control/connections/forge", faults.Forge),
    (Place.PROXY, "cut", "/control/proxies/{proxy}/cut", proxy_faults.Cut),
    (Place.BRIGHT_DATA, "withdraw", "/control/brightdata/withdraw", brightdata.Address),
    (Place.BRIGHT_DATA, "listed", "/control/brightdata/listed", brightdata.Listing),
    (Place.BRIGHT_DATA, "stock", "/control/brightdata/stock", brightdata.Stock),
]
"""What is done with the call: there is nothing to lift."""


def fault_kinds() -> list[dict[str, Any]]:
    """`{place, kind, path, is_once, words, schema}` of each; `{proxy}` in a path is an id.

    `schema` is the JSON schema of the body.
    """
    by_place: dict[Place, dict[str, type[Body]]] = {
        Place.DATA_CENTRE: dict(orders.ORDERS),
        Place.BOT_API: dict(bot_faults.ORDERS),
        Place.PROXY: dict(proxy_faults.ORDERS),
        Place.BRIGHT_DATA: dict(brightdata.ORDERS),
        Place.SUPER_PROXY: dict(proxy_faults.ORDERS),
    }
    lasting = [
        _described(place, kind, f"{_PATHS[place]}/{kind}", model, is_once=False)
        for place, models in by_place.items()
        for kind, model in models.items()
    ]
    once = [_described(*each, is_once=True) for each in _ONCE]
    return once + lasting


def _described(
    place: Place, kind: str, path: str, model: type[Body], *, is_once: bool
) -> dict[str, Any]:
    schema = model.model_json_schema()
    words = schema.pop("description", "")
    return {
        "place": place,
        "kind": kind,
        "path": path,
        "is_once": is_once,
        "words": words,
        "schema": schema,
    }


def fault_kind_routes() -> list[web.RouteDef]:
    kinds = fault_kinds()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(kinds)

    return [web.get("/control/faults/kinds", answer)]
