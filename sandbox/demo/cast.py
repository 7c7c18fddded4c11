"""Who and what the demo's world is made of."""

from dataclasses import dataclass, field
from typing import Self

from sandbox.control.proxies import Placed, ProxyShelf
from sandbox.proxies.kinds import Kind
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.people import User

ACCOUNTS = (
    *(("Alice", "+31970100001"), ("Bram", "+31970100011"), ("Carlijn", "+31970100012")),
    *(("Bruno", "+55119100002"), ("Diego", "+55119100021"), ("Elisa", "+55119100022")),
    *(("Chandra", "+91981000003"), ("Gita", "+91981000031"), ("Hari", "+91981000032")),
    *(("Frieda", "+4915100000004"), ("Jonas", "+4915100000041"), ("Klara", "+4915100000042")),
)
"""Three of each of four countries."""
FREE = ("Dana", "+44770090004", "anchor")
"""A number that nobody has enrolled yet, and its two-step password."""
_PROXIES = ((Kind.SOCKS5, "NL"), (Kind.HTTP, "DE"), (Kind.MTPROTO, "BR"), (Kind.SOCKS5, "GB"))
"""The last one is down from the start, and has no accounts."""


@dataclass
class Cast:
    token: str
    bot: User
    operators: list[User]
    """The first owns, the others operate."""
    accounts: list[User]
    proxies: list[Placed] = field(default_factory=list)

    @classmethod
    def enter(cls, world: World, token: str) -> Self:
        """Make everybody. Bob has started the bot, so that it may write to him; Eve has not."""
        people = world.people
        olga = people.create("Olga (you)", phone="+999660000001", username="olga")
        piet = people.create("Piet", phone="+999660000004", username="piet")
        bot = people.create_bot(token, "mooring_demo_bot", "Mooring")
        bob = people.create("Bob", phone="+999660000002", username="bob_harbour")
        people.create("Eve", phone="+999660000003", username="eve_lighthouse")
        name, phone, password = FREE
        people.create(name, phone=phone, password=password)
        accounts = [people.create(name, phone=phone) for name, phone in ACCOUNTS]
        world.say(bob.id, bot.id, Content("/start"))
        return cls(token, bot, [olga, piet], accounts)

    async def place_proxies(self, shelf: ProxyShelf) -> None:
        self.proxies = [await shelf.add(kind, country=country) for kind, country in _PROXIES]
        await shelf.stop(self.proxies[-1])

    def proxy_of(self, place: int) -> Placed:
        """The proxy of the account in that place: one of those that work."""
        return self.proxies[place % (len(self.proxies) - 1)]

    def begin(self, world: World) -> None:
        """The operators open their chats."""
        for operator in reversed(self.operators):
            world.say(operator.id, self.bot.id, Content("/start"))


def link(proxy: Placed) -> str:
    """The proxy as operators write it."""
    if proxy.kind is Kind.MTPROTO:
        return f"tg://proxy?server={proxy.host}&port={proxy.port}&secret={proxy.secret}"
    return f"{proxy.kind}://{proxy.host}:{proxy.port}"
