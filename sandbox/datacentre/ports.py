"""The data centre's port, and beside it the one for media.

Uploads and downloads have connections of their own, so that they hold up nothing else
(core.telegram.org/api/files); Telegram names an address for them in help.getConfig.
"""

from typing_extensions import override

from sandbox.port import Port, Serve


class Ports(Port):
    """The main port; `media` opens and closes with it."""

    def __init__(self, host: str, serve: Serve, serve_media: Serve) -> None:
        super().__init__(host, serve)
        self.media = Port(host, serve_media)

    @override
    async def open(self, number: int = 0) -> None:
        await super().open(number)
        try:
            await self.media.open()
        except OSError:  # somebody took its number meanwhile; clients ask for the new one
            self.media.number = 0
            await self.media.open()

    @override
    async def close(self) -> None:
        await super().close()
        await self.media.close()

    @override
    async def release(self) -> None:
        await super().release()
        await self.media.release()
