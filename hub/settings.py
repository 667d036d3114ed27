"""Every setting of the hub, read once from the environment (`HUB_*`, or `HUB_*_FILE` for a file that holds the value)."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from schema.errors import SettingError

_PREFIX = "HUB_"


class Settings(BaseModel):
    """What an operator may set; each field's description is its line in the README's table."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    var: Path = Field(default=Path("var"), description="folder of all that a run makes")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL >= 16 as role hub_service; without it the embedded server is started",
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="the same database as role hub_owner, for `python -m hub migrate`"
    )
    database_pool_size: int = Field(default=8, ge=1, le=100, description="connections of one process")
    pg_bin_dir: Path | None = Field(
        default=None, description="binaries of another PostgreSQL than the embedded one"
    )
    pg_start_timeout: float = Field(default=120, gt=0, description="seconds to wait for the embedded server")
    key_file: Path | None = Field(default=None, description="root key; without it var/keys/root.key")
    host: str = Field(default="127.0.0.1", description="address that `serve` listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port that `serve` listens on")
    issuer: str | None = Field(
        default=None, description="URL under which clients know the hub; without it http://HOST:PORT"
    )
    pull_interval_s: float = Field(default=900, gt=0, description="seconds between two pulls of `worker`")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least severe event logged"
    )
    agency: dict[str, dict[str, str]] = Field(
        default_factory=dict[str, dict[str, str]],
        description="connection of each agency, as HUB_AGENCY__POLRI__URL; `connector` tells which",
    )

    @property
    def public_issuer(self) -> str:
        """The issuer, without a slash at its end."""
        return (self.issuer or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def root_key_file(self) -> Path:
        """Where the root key is."""
        return self.key_file or self.var / "keys" / "root.key"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Args:
        environment: instead of the process's own.

    Raises:
        SettingError: a value is wrong, a file is missing, or a HUB_ name is unknown; names the variable.
    """
    given = os.environ if environment is None else environment
    plain = {name: value for name, value in given.items() if name.upper().startswith(_PREFIX)}
    values: dict[str, object] = {}
    agency: dict[str, dict[str, str]] = {}
    for name, raw in plain.items():
        bare, value = name.upper().removeprefix(_PREFIX).lower(), raw
        if bare.endswith("_file") and bare not in Settings.model_fields:
            bare, value = bare.removesuffix("_file"), _read(name, raw)
        if bare.startswith("agency__"):
            parts = bare.split("__")
            if len(parts) != 3:  # noqa: PLR2004 -- agency, its word, its setting
                raise SettingError(name, "write HUB_AGENCY__<AGENCY>__<NAME>")
            agency.setdefault(parts[1], {})[parts[2]] = value
        elif bare in Settings.model_fields:
            values[bare] = value
        else:
            raise SettingError(name, _unknown(bare))
    try:
        return Settings.model_validate({**values, "agency": agency})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingError(_PREFIX + str(first["loc"][0]).upper(), first["msg"]) from None


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(name, f"the file cannot be read ({error.strerror})") from None


def _unknown(bare: str) -> str:
    near = difflib.get_close_matches(bare, Settings.model_fields, n=1)
    hint = f"; did you mean {_PREFIX}{near[0].upper()}?" if near else ""
    return f"there is no such setting{hint}"
