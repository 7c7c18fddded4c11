"""The vault as the settings want it."""

from pathlib import Path

from loguru import logger

from bot.settings import BadSettings, Settings
from storage.errors import StorageError
from storage.private import is_open_to_others
from storage.vault import Vault, read_or_create_keys, split_keys

KEY_FILE = "secret.key"


class NoSecretKey(StorageError):
    """The key that sealed the secrets is not where it must be; the text says where that is."""


def open_vault(settings: Settings) -> Vault:
    """The vault with the configured keys, or with one made on the first start."""
    return _vault(settings, may_create=True)


def existing_vault(settings: Settings) -> Vault:
    """The vault with the configured keys. Raises `NoSecretKey`; never makes one."""
    return _vault(settings, may_create=False)


def key_file(settings: Settings) -> Path | None:
    """The file that holds the keys; None where they come from MOORING_SECRET_KEY."""
    if settings.mooring_secret_key is not None:
        return None
    return settings.mooring_secret_key_file or settings.data_dir / KEY_FILE


def _vault(settings: Settings, *, may_create: bool) -> Vault:
    if settings.mooring_secret_key is not None:
        return Vault(split_keys(settings.mooring_secret_key.get_secret_value()))
    path = settings.mooring_secret_key_file or settings.data_dir / KEY_FILE
    if not may_create and not path.exists():
        raise NoSecretKey(
            f"There is no secret key at {path}: put the key there that sealed the secrets, "
            "or set MOORING_SECRET_KEY or MOORING_SECRET_KEY_FILE."
        )
    keys, is_new = read_or_create_keys(path)
    if is_new:
        logger.bind(event="vault.created").warning(
            "made a new secret key in {}: back it up now, without it every session is lost", path
        )
    _keep_private(path)
    try:
        return Vault(keys)
    except ValueError:
        raise BadSettings(
            [f"MOORING_SECRET_KEY_FILE: {path} does not hold a Fernet key"]
        ) from None


def _keep_private(path: Path) -> None:
    """Take a key file from everybody else, and say so: others may have read it."""
    if not is_open_to_others(path):
        return
    log = logger.bind(event="vault.exposed")
    try:
        path.chmod(0o600)
    except OSError:
        log.warning("{} is open to other users and can't be made private", path)
    else:
        log.warning("{} was open to other users; it is private now", path)
