"""The vault as the settings want it."""

from loguru import logger

from bot.settings import BadSettings, Settings
from storage.vault import Vault, read_or_create_key

KEY_FILE = "secret.key"


def open_vault(settings: Settings) -> Vault:
    """The vault with the configured key, or with one made on the first start."""
    if settings.mooring_secret_key is not None:
        return Vault(settings.mooring_secret_key.get_secret_value().split(","))
    path = settings.mooring_secret_key_file or settings.data_dir / KEY_FILE
    key, is_new = read_or_create_key(path)
    if is_new:
        logger.bind(event="vault.created").warning(
            "made a new secret key in {}: back it up now, without it every session is lost", path
        )
    try:
        return Vault([key])
    except ValueError:
        raise BadSettings(
            [f"MOORING_SECRET_KEY_FILE: {path} does not hold a Fernet key"]
        ) from None
