"""The HTTP endpoint of a real Mooring: what it tells, to whom, and when it says no."""

import asyncio
import re
import socket
from contextlib import AsyncExitStack

import aiohttp
import pytest
from loguru import logger
from pydantic import SecretStr

from bot.app import running
from bot.http import health, watch
from bot.instance import Part
from storage.instances import Role
from tests.e2e.harness import Mooring
from tests.e2e.scraping import FREE, ask, is_ready, is_unready, listener, metric_names, until
from tests.e2e.secret_scan import leaks
from tests.e2e.telegram import Telegram
from tests.e2e.test_recovery import outcome
from tests.postgres import Postgres
from tests.timing import limit

TOKEN = "a-long-random-word-of-a-test"
HEARD_AT = "/ping/0f8c5a52-secret-path"


@pytest.mark.req("S0.7", "S1.9")
async def test_an_account_that_is_online_is_counted_and_nothing_secret_is_told(
    mooring: Mooring, telegram: Telegram
) -> None:
    alice = await telegram.person("Alice")
    heard: list[str] = []
    async with listener(heard, [200]) as url:
        address = SecretStr(url + HEARD_AT)
        mooring.settings = mooring.settings.model_copy(
            update={"http_bind": FREE, "heartbeat_url": address}
        )
        (number,) = await mooring.start_with(alice)
        app = mooring.app
        assert app
        ready = await until(app, "/readyz", is_ready)
        assert ready.told["ready"] is True
        assert ready.told["role"] == "run"
        assert list(ready.told["parts"]) == [
            "instance",
            "database",
            "lease",
            "monitors",
            "polling",
        ]
        assert ready.state("polling") == "it polls the Bot API"
        assert (await ask(app, "/livez")).text == "alive\n"

        await outcome(app.database)  # the ratio of the month is read once a minute
        await telegram.post("connections/cut", user=alice["id"])
        reconnects = "mooring_reconnects_total"
        page = await until(
            app,
            "/metrics",
            lambda p: (
                bool(p.value(reconnects, cause="dropped"))
                and bool(p.value("mooring_event_loop_lag_seconds_count"))
            ),
        )
        assert page.value("mooring_accounts", state="ONLINE") == 1
        assert page.value("mooring_accounts", state="FAILED") == 0
        assert page.value(reconnects, cause="dropped") == 1
        assert page.value(reconnects, cause="asked") == 1
        assert page.value("mooring_line_failures_total", cause="dropped") == 1
        moved = page.value("mooring_state_transitions_total", before="CONNECTING", after="ONLINE")
        assert moved == 2
        assert page.value("mooring_ready") == 1
        assert page.value("mooring_seat", seat="house") == 1
        assert page.value("mooring_polling_up") == 1
        assert page.value("mooring_recovery_success_ratio") == 1
        assert page.value("mooring_deliveries", route="account", outcome="sent") == 0
        assert page.value("mooring_storage_seconds_count", operation="commit")
        assert page.value("mooring_incidents_open", kind="banned") == 0
        assert page.value("mooring_flood_waits", on="connecting") == 0
        assert page.value("mooring_backup_every_seconds") == 86400
        assert page.value("mooring_process_open_fds")

        bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
        await mooring.write_draft(number, f"@{bob['username']}", "A private word")
        await mooring.chat.press("Send as account")
        await mooring.chat.shows("Sent as the account")
        sent = {"route": "account", "outcome": "sent"}
        page = await until(app, "/metrics", lambda p: p.value("mooring_deliveries", **sent) == 1)
        page = await until(app, "/metrics", lambda p: p.value("mooring_heartbeat_heard") == 1)
        assert heard == [HEARD_AT]

    settings = mooring.settings
    secrets = {
        "bot token": settings.bot_token.get_secret_value(),
        "API hash": settings.api_hash.get_secret_value(),
        "Alice's number": alice["phone"].lstrip("+"),
        "heartbeat": HEARD_AT,
        "Alice's name": "Alice",
        "Bob's username": bob["username"],
        "text": "A private word",
        "proxy": f"{mooring.proxy['host']}:{mooring.proxy['port']}",
    }
    known = {name: secret.encode() for name, secret in secrets.items()}
    for told in (page, ready):
        assert leaks(known, told.text.encode()) == []
    assert leaks(known, page.text.encode() + alice["phone"].lstrip("+").encode())


async def test_a_folder_of_backups_that_can_not_be_read_is_told_and_costs_no_other_figure(
    mooring: Mooring,
) -> None:
    app = await mooring.start(http_bind=FREE)
    age = "mooring_backup_age_seconds"
    page = await until(app, "/metrics", lambda p: p.value(age) is not None)
    assert page.value("mooring_backup_readable") == 1
    folder = mooring.settings.backups
    folder.rename(folder.with_name("aside"))
    folder.symlink_to("x" * 300)  # what nobody can look at, not even root
    page = await ask(app, "/metrics")
    assert page.value("mooring_backup_readable") == 0
    assert page.value(age) is None
    assert page.value("mooring_ready") == 1
    await mooring.chat.say("/status")
    await mooring.chat.shows("How old the last backup is", "File name too long")


async def test_it_says_why_it_is_not_ready_while_the_bot_api_refuses_it(
    mooring: Mooring, telegram: Telegram
) -> None:
    app = await mooring.start(http_bind=FREE)
    await until(app, "/readyz", is_ready)
    await telegram.post("botapi/stop")
    try:
        page = await until(app, "/readyz", is_unready)
        assert page.state("polling") == "it can't be reached"
        assert page.told["parts"]["database"]["ok"] is True
        metrics = await ask(app, "/metrics")
        assert metrics.value("mooring_ready") == 0
        assert metrics.value("mooring_part_ready", part="polling") == 0
        assert metrics.value("mooring_part_ready", part="database") == 1
    finally:
        await telegram.post("botapi/start")
    await until(app, "/readyz", is_ready)


@pytest.mark.req("S1.8")
async def test_a_worker_is_ready_without_a_bot_and_one_that_stands_by_without_polling(
    mooring: Mooring, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "ASK_EVERY_S", 0.1)
    monkeypatch.setattr(watch, "ANSWER_WITHIN_S", 0.5)
    url = SecretStr(postgres.new())
    settings = mooring.settings.model_copy(update={"database_url": url, "http_bind": FREE})
    async with AsyncExitStack() as stack:
        worker = await stack.enter_async_context(running(settings, Part(Role.WORKER)))
        control = await stack.enter_async_context(running(settings, Part(Role.CONTROL)))
        other = await stack.enter_async_context(running(settings, Part(Role.CONTROL)))

        page = await until(worker, "/readyz", is_ready)
        assert page.state("polling") == "none here: this instance runs userbots only"
        assert re.fullmatch(r"renewed \d+ s ago", page.state("lease"))
        page = await until(control, "/readyz", is_ready)
        assert page.state("monitors") == "none here: this instance runs the bot only"
        assert page.state("polling") == "it polls the Bot API"
        page = await until(other, "/readyz", is_ready)
        assert page.state("polling") == "another instance polls; this one stands by"

        # A life that neither polls nor waits to is one whose bot is still to start.
        beginning = health.judge(
            worker.instance, Role.RUN, storage_trouble=None, now=worker.database.now()
        )
        assert beginning.parts[health.Part.POLLING] == health.Condition(
            is_well=False, words="the bot is being started"
        )

        mine, theirs = await ask(worker, "/metrics"), await ask(control, "/metrics")
        assert mine.value("mooring_lease_age_seconds") is not None
        assert mine.value("mooring_seat", seat="house") == 1
        assert mine.value("mooring_instances") == 1
        assert theirs.value("mooring_seat", seat="bot") == 1
        assert theirs.value("mooring_instances") is None
        assert theirs.value("mooring_incidents_open", kind="banned") is None
        assert metric_names(mine.text) == metric_names(theirs.text)

        await asyncio.to_thread(postgres.stop)
        try:
            for app in (worker, control, other):
                page = await until(app, "/readyz", lambda p: "not answered" in p.state("database"))
                assert page.status == 503
                assert (await ask(app, "/metrics")).status == 200
                assert (await ask(app, "/livez")).status == 200
        finally:
            await asyncio.to_thread(postgres.start)


async def test_only_who_shows_the_token_is_told_anything(mooring: Mooring) -> None:
    app = await mooring.start(http_bind="0.0.0.0:0", http_token=SecretStr(TOKEN))
    for path in ("/readyz", "/metrics", "/", "/nowhere"):
        page = await ask(app, path)
        assert (page.status, page.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await ask(app, path, token="x" + TOKEN)).status == 401
    assert (await ask(app, "/metrics", token=TOKEN, host="mooring.example")).status == 200
    assert (await ask(app, "/nowhere", token=TOKEN)).status == 404
    assert (await ask(app, "/livez")).status == 200
    page = await ask(app, "/metrics", method="HEAD", token=TOKEN)
    assert (page.status, page.text) == (200, "")


async def test_a_secret_that_the_bot_api_quotes_is_not_told_whatever_signs_are_in_it(
    mooring: Mooring, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = 'a-long-"random"-word\\of-a-test'
    app = await mooring.start(http_bind=FREE, http_token=SecretStr(token))
    assert app.http
    ill = health.Condition(is_well=False, words=f"it refuses {token}")
    found = health.Health(Role.RUN, {health.Part.POLLING: ill})
    monkeypatch.setattr(app.http, "health", lambda: found)
    page = await ask(app, "/readyz", token=token)
    assert page.state("polling") == "it refuses ***"


async def test_on_loopback_a_foreign_name_and_a_method_that_acts_are_refused(
    mooring: Mooring,
) -> None:
    app = await mooring.start(http_bind=FREE)
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await ask(app, path, host="evil.example")).status == 421
        assert (await ask(app, path, host="127.0.0.1.evil.example:80")).status == 421
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            page = await ask(app, path, method=method)
            assert (page.status, page.headers["Allow"]) == (405, "GET, HEAD")
    assert (await ask(app, "/livez", host="localhost")).status == 200
    assert (await ask(app, "/livez", host="LOCALHOST:9667")).status == 200


async def test_what_strangers_send_is_bounded_and_holds_up_nobody(
    mooring: Mooring,
) -> None:
    app = await mooring.start(http_bind=FREE)
    assert (await ask(app, "/livez")).status == 200
    assert app.http
    where = app.http.listens_at.result()
    async with AsyncExitStack() as stack:
        for _ in range(32):
            _, writer = await asyncio.open_connection(where.host, where.port)
            stack.push_async_callback(writer.wait_closed)
            stack.callback(writer.close)
        reader, writer = await asyncio.open_connection(where.host, where.port)
        async with asyncio.timeout(limit(5)):
            assert await reader.read() == b"", "one too many is closed at once"
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(limit(10)):
        while True:
            try:
                too_long = await ask(app, "/livez?" + 9000 * "x")
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    assert too_long.status == 400
    assert (await ask(app, "/livez")).status == 200


async def test_a_port_that_is_in_use_is_told_and_mooring_runs(mooring: Mooring) -> None:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="WARNING", format="{message}")
    try:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            bind = f"127.0.0.1:{holder.getsockname()[1]}"
            await mooring.start(http_bind=bind)
            await mooring.chat.ask("/start")
    finally:
        logger.remove(sink)
    (told,) = [line for line in lines if "HTTP_BIND" in line]
    assert bind in told
    assert "the rest runs" in told
