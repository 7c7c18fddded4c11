"""Settings from the environment and `.env`; each wrong value is named with its variable."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from bot import credentials
from bot.http_settings import HttpSettings, http_faults
from bot.log_settings import LogSettings
from bot.provider_settings import ProviderSettings, provider_faults
from bot.setting_values import (
    Duration,
    NoneIfEmpty,
    OptionalPath,
    countries,
    known_fallback,
    known_zone,
    url,
)
from storage.delivery import Fallback
from storage.engines import check_url
from storage.vault import Vault, split_keys
from userbot.plan import PRIORITY_COUNTRIES


def _ids(value: Any) -> Any:  # noqa: ANN401 - what a validator gets
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    wrong = [part for part in parts if not part.isdigit()]
    if wrong:
        raise ValueError(f"expected user ids separated by commas, got {wrong[0]!r}")
    return [int(part) for part in parts]


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", value.get_secret_value()):
        raise ValueError("expected a bot token of @BotFather's form 123456:ABC-def…")
    return value


def _api_hash(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9a-fA-F]{32}", value.get_secret_value()):
        raise ValueError("expected the 32 hexadecimal digits from my.telegram.org")
    return value


def _data_centre(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d+:[^:\s]+:\d+", value):
        raise ValueError("expected id:host:port, for example 2:127.0.0.1:4430")
    return value


def _database(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        check_url(value.get_secret_value())
    return value


class Settings(ProviderSettings, HttpSettings, LogSettings):
    """Everything an operator can set. Every name here is a variable of `.env.example`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    bot_token: Annotated[SecretStr, AfterValidator(_token)]
    api_id: Annotated[int, Field(gt=0)]
    api_hash: Annotated[SecretStr, AfterValidator(_api_hash)]
    # The first is an owner. May be empty: `mooring invite` lets people in.
    admin_ids: Annotated[list[int], NoDecode, BeforeValidator(_ids)] = Field(default_factory=list)
    admin_chat_id: Annotated[int | None, NoneIfEmpty] = None

    data_dir: Path = Path("data")
    database_url: Annotated[SecretStr | None, NoneIfEmpty, AfterValidator(_database)] = None
    # Put into the address, which then needs none.
    database_password: Annotated[SecretStr | None, NoneIfEmpty] = None
    mooring_secret_key: Annotated[SecretStr | None, NoneIfEmpty] = None
    mooring_secret_key_file: OptionalPath = None

    bot_api_url: Annotated[str | None, NoneIfEmpty, AfterValidator(url("http", "https"))] = None
    bot_proxy: Annotated[SecretStr | None, NoneIfEmpty] = None
    telegram_dc: Annotated[str | None, NoneIfEmpty, AfterValidator(_data_centre)] = None
    telegram_dc_public_key: OptionalPath = None

    reconnect_delay: Annotated[Duration, Field(ge=0.01)] = 5.0
    max_reconnect_attempts: Annotated[int, Field(ge=1, le=100)] = 10
    auto_reconnect: bool = True
    startup_delay: Duration = 3.0
    # An account that need not always be online comes back if it was within this time.
    recovery_window: Duration = 24 * 3600.0
    priority_countries: Annotated[list[str], NoDecode, BeforeValidator(countries)] = Field(
        default_factory=lambda: list(PRIORITY_COUNTRIES)
    )
    connects_per_second: Annotated[float, Field(gt=0, le=10_000)] = 50.0
    connects_per_proxy: Annotated[int, Field(ge=1, le=1000)] = 5
    # Telegram closes a line that was not pinged for 25 s.
    ping_every: Annotated[Duration, Field(ge=1, le=20)] = 15.0
    proxy_check_every: Annotated[Duration, Field(ge=1)] = 600.0
    # So many accounts on one proxy, then a warning; hard: no more.
    proxy_capacity: Annotated[int, Field(ge=1)] = 5
    proxy_capacity_hard: bool = False
    fallback_after: Duration = 5.0
    # Where an account can't send: the bot does, an operator is asked, or it waits.
    fallback: Annotated[Fallback, BeforeValidator(known_fallback)] = Fallback.AUTOMATIC
    # Of the times that operators write and read when they plan a message.
    time_zone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    # Of one account. Zero: as much as Telegram lets it.
    messages_per_minute: Annotated[int, Field(ge=0)] = 20
    new_peers_per_day: Annotated[int, Field(ge=0)] = 30
    alert_after: Duration = 60.0
    # Zero: never, and for ever.
    backup_every: Duration = 24 * 3600.0
    backup_keep: Annotated[int, Field(ge=1, le=1000)] = 7
    events_keep: Duration = 90 * 86400.0

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # A file wins: the variable may stand there empty, as in .env.example.
        return init_settings, file_secret_settings, env_settings, dotenv_settings

    @property
    def fewer_than(self) -> int | None:
        """A proxy with so many accounts gets no further one; None where it may."""
        return self.proxy_capacity if self.proxy_capacity_hard else None

    @property
    def database(self) -> str:
        if self.database_url is not None:
            return _with_password(self.database_url, self.database_password)
        return f"sqlite+aiosqlite:///{self.data_dir / 'mooring.db'}"

    @property
    def backups(self) -> Path:
        """Where the automatic backups stand."""
        return self.data_dir / "backups"

    @property
    def secrets(self) -> list[str]:
        """Every secret among the settings, to be kept out of the log."""
        given = (
            self.bot_token,
            self.api_hash,
            self.mooring_secret_key,
            self.bot_proxy,
            self.database_password,
        )
        secrets = [s.get_secret_value() for s in given if s is not None]
        secrets += self.provider_secrets + self.http_secrets
        if self.mooring_secret_key is not None:
            secrets[:0] = split_keys(self.mooring_secret_key.get_secret_value())
        for address in (self.bot_proxy, self.database_url):
            parts = urlsplit(address.get_secret_value() if address else "")
            options = (each.partition("=") for each in parts.query.split("&"))
            behind = [value for name, _, value in options if name == "password"]
            for password in filter(None, (parts.password, *behind)):
                secrets += [password, unquote(password), unquote_plus(password)]
        return secrets


class BadSettings(ValueError):
    """Settings are missing or wrong; `faults` has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings. Raises `BadSettings`, also for files that are closed to us.

    No fault quotes a secret.
    """
    try:
        settings = Settings(_env_file=env_file, _secrets_dir=credentials.directory())
    except ValidationError as exc:
        raise BadSettings([_fault(error) for error in exc.errors()]) from None
    except (OSError, SettingsError) as exc:
        raise BadSettings([_unread(exc)]) from None
    faults = _check_files(settings) + _check_bot_proxy(settings) + _check_keys(settings)
    faults += _check_database_password(settings)
    faults += provider_faults(settings) + http_faults(settings)
    if faults:
        raise BadSettings(faults)
    return settings


def _check_bot_proxy(settings: Settings) -> list[str]:
    """Apart from the validators: pydantic would quote the password in its error."""
    if settings.bot_proxy is None:
        return []
    address = settings.bot_proxy.get_secret_value()
    try:
        url("socks5", "socks4", "http")(address)
        has_port = urlsplit(address).port is not None
    except ValueError as exc:
        return [f"BOT_PROXY: {exc}"]
    return [] if has_port else ["BOT_PROXY: the port is missing"]


def _with_password(address: SecretStr, password: SecretStr | None) -> str:
    if password is None:
        return address.get_secret_value()
    scheme, _, rest = address.get_secret_value().partition("://")
    user, _, server = rest.partition("@")
    return f"{scheme}://{user}:{quote(password.get_secret_value(), safe='')}@{server}"


def _check_database_password(settings: Settings) -> list[str]:
    if settings.database_password is None:
        return []
    address = settings.database_url.get_secret_value() if settings.database_url else ""
    parts = urlsplit(address)
    is_server = address.startswith("postgresql")
    if is_server and parts.username and not parts.password:
        return []
    form = "postgresql+asyncpg://user@host/name"
    return [f"DATABASE_PASSWORD: goes into a DATABASE_URL without one, such as {form}"]


def _check_keys(settings: Settings) -> list[str]:
    if settings.mooring_secret_key is None:
        return []
    try:
        Vault(split_keys(settings.mooring_secret_key.get_secret_value()))
    except ValueError:
        return ["MOORING_SECRET_KEY: expected Fernet keys, separated by commas"]
    return []


def _check_files(settings: Settings) -> list[str]:
    named = {
        "TELEGRAM_DC_PUBLIC_KEY": settings.telegram_dc_public_key,
        "MOORING_SECRET_KEY_FILE": settings.mooring_secret_key_file,
    }
    faults = [
        f"{name}: there is no file {path}"
        for name, path in named.items()
        if path is not None and not path.is_file()
    ]
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        faults.append(f"DATA_DIR: {settings.data_dir} is not a directory")
    return faults


def _unread(error: OSError | SettingsError) -> str:
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError):
        return f"{cause.filename}: can't be read: {cause.strerror}"
    return str(error)  # names the setting and the kind of its source


def _fault(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = str(error["loc"][0]).upper() if error["loc"] else "settings"
    if error["type"] == "missing":
        return f"{name}: is missing"
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {words[0].lower()}{words[1:]}"
