"""Proxies of each kind, made by the control API."""

import pytest

from sandbox.proxies.kinds import Kind
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.proxy_kinds import SECRET


@pytest.mark.parametrize("kind", list(Kind))
async def test_one_of_each_kind_is_made_by_the_control_api(kind: Kind, caller: Caller) -> None:
    login = {
        Kind.SOCKS5: {"username": "ann", "password": "pw"},
        Kind.SOCKS4: {"username": "ann"},
        Kind.HTTP: {"username": "ann", "password": "pw"},
        Kind.MTPROTO: {"secret": "dd" + SECRET},
    }[kind]
    made = await caller.post("/proxies", kind=kind, **login)
    assert made["kind"] == kind
    assert {name: made[name] for name in login} == login
    path = f"/proxies/{made['id']}"
    await caller.post(f"{path}/stop")
    assert await caller.post(f"{path}/start") == made
    bare = await caller.post("/proxies", kind=kind)
    assert (len(bare["secret"] or "") == 32) == (kind is Kind.MTPROTO)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": "ssh"}, "kind"),
        ({"kind": "mtproto", "username": "a", "password": "b"}, "no username or password"),
        ({"kind": "mtproto", "secret": "ee" + SECRET}, "secret"),
        ({"kind": "socks5", "secret": SECRET}, "a socks5 proxy has no secret"),
        ({"kind": "socks4", "username": "a", "password": "b"}, "has no password"),
        ({"kind": "http", "username": "a"}, "or neither"),
    ],
)
async def test_a_login_that_its_kind_does_not_know_is_refused(
    body: dict[str, str], reason: str, caller: Caller
) -> None:
    assert reason in await caller.error("/proxies", body, status=400)


async def test_the_mtproto_proxy_of_a_sandbox_leads_to_its_data_centre(caller: Caller) -> None:
    made = await caller.post("/proxies", kind="mtproto")
    proxy = caller.sandbox.proxies.named(made["id"]).proxy
    reach = proxy._reach  # type: ignore[attr-defined]  # it is an MtprotoProxy
    data_centre = caller.sandbox.data_centre
    assert reach(data_centre.dc_id) == (data_centre.host, data_centre.port)
    assert reach(data_centre.dc_id + 1) is None
