"""An aiohttp application on one loopback port that can be stopped and started again."""

from aiohttp import web

_GRACE_S = 0.2
"""How long a request under way may still take on stop; long polls never end by themselves."""


class Listener:
    """Serves one application at a time; a stop cuts what is under way, as an outage does."""

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def is_running(self) -> bool:
        return self._runner is not None

    async def start(self, application: web.Application, port: int = 0) -> None:
        """Listen on `port`, else on the port of last time, else on a free one. Idempotent."""
        if self._runner is not None:
            return
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, port or self.port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self.port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Close the port and every connection. The port is kept for the next start."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
