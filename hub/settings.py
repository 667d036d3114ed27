"""Every setting of the hub, read once from the environment (`HUB_*`, or `HUB_*_FILE` for a file that holds the value)."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from hub.limits import DEFAULT_ROWS, MOST_ROWS, Limits
from schema.errors import SettingError

_PREFIX = "HUB_"
_LIMITS = Limits()
_AGENCY = re.compile(r"agency__[a-z0-9]+(_[a-z0-9]+)*__[a-z0-9]+(_[a-z0-9]+)*")


class Settings(BaseModel):
    """What an operator may set; each field's description is its line in the README's table."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    var: Path = Field(default=Path("var"), description="folder of all that a run makes")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL >= 16 as role hub_service; without it the embedded server is started",
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="the same database as role hub_owner, for `python -m hub migrate`"
    )
    database_pool_size: int = Field(
        default=8,
        ge=1,
        le=100,
        description="connections of each pool; `worker` has one pool and three more, `serve` three",
    )
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
    mtls_url: str | None = Field(
        default=None, description="URL of the host where the proxy asks clients for a certificate"
    )
    mtls_proxy_secret: SecretStr | None = Field(
        default=None, description="by which that proxy proves itself, 32 characters or more"
    )
    forwarded_by: str | None = Field(
        default=None,
        description="addresses or networks of the proxies whose X-Forwarded-For is believed, with commas between",
    )
    gateway_url: str | None = Field(
        default=None, description="URL by which callers know the gateway's GraphQL endpoint, if there is one"
    )
    gateway_certificates: str | None = Field(
        default=None,
        description="SHA-256 thumbprints of that gateway's client certificates, base64url, with commas between",
    )
    demo_bearer: bool = Field(
        default=False,
        description="demo clients may use tokens that are bound to nothing; loopback issuers only",
    )
    pull_interval_s: float = Field(default=900, gt=0, description="seconds between two pulls of `worker`")
    query_cost_limit: int = Field(
        default=_LIMITS.cost,
        ge=10_000,
        description="what one query may cost, in microseconds of CPU as weighed",
    )
    query_budget: int = Field(
        default=_LIMITS.budget,
        ge=0,
        description="what one system or person may spend on queries in a minute, in the same; 0 for no budget",
    )
    query_concurrency: int = Field(
        default=_LIMITS.concurrency,
        ge=0,
        description="queries of one system or person at the same time, in each process; 0 for no limit",
    )
    person_match_rate: int = Field(
        default=_LIMITS.person_matches,
        ge=0,
        description="`personMatch` of one system or person in a minute; 0 for no limit",
    )
    oauth_rate: int = Field(
        default=_LIMITS.oauth_rate,
        ge=0,
        description="requests of one client to one endpoint of OAuth2 in a minute, in each process; 0 for no limit",
    )
    oauth_failures: int = Field(
        default=_LIMITS.oauth_failures,
        ge=0,
        description="requests of one address to OAuth2 that are refused, likewise; more are not looked at",
    )
    query_timeout_s: int = Field(
        default=30, ge=1, le=600, description="seconds after which the database ends a query's statement"
    )
    query_body_bytes: int = Field(
        default=_LIMITS.body_bytes, ge=1024, le=16 * 1024 * 1024, description="bytes of a query's request"
    )
    query_tokens: int = Field(default=_LIMITS.tokens, ge=100, le=20_000, description="tokens of a document")
    query_depth: int = Field(default=_LIMITS.depth, ge=1, le=30, description="fields in fields of a query")
    query_aliases: int = Field(default=_LIMITS.aliases, ge=0, le=500, description="aliases of a query")
    query_directives: int = Field(
        default=_LIMITS.directives, ge=0, le=500, description="directives of a query"
    )
    query_page: int = Field(
        default=_LIMITS.page, ge=DEFAULT_ROWS, le=MOST_ROWS, description="rows of each list of a query"
    )
    query_subscriptions: int = Field(
        default=_LIMITS.subscriptions, ge=1, le=100, description="subscriptions of one WebSocket connection"
    )
    export_hours: float = Field(
        default=24, gt=0, le=720, description="hours after which a bulk export is deleted"
    )
    event_retention_days: int = Field(
        default=30,
        ge=7,
        le=3650,
        description="days for which events of changes are kept for whoever follows them",
    )
    mail_url: SecretStr | None = Field(
        default=None,
        description="mail server for notices to officers, smtps://USER:PASSWORD@HOST or smtp:// for STARTTLS",
    )
    mail_from: str | None = Field(default=None, description="address that notices come from")
    notice_addresses: str | None = Field(
        default=None,
        description="where notices go, as POLRI=ADDRESS,SATGAS_TPPO=ADDRESS; other agencies find them in their lists",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least severe event logged"
    )
    agency: dict[str, dict[str, str]] = Field(
        default_factory=dict[str, dict[str, str]],
        repr=False,
        description="connection of each agency, as HUB_AGENCY__POLRI__URL; `connector` tells which",
    )

    @property
    def public_issuer(self) -> str:
        """The issuer, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.issuer or f"http://{host}:{self.port}").rstrip("/")

    @property
    def limits(self) -> Limits:
        """Of one question, and of what a caller asks at once and in a minute."""
        return Limits(
            body_bytes=self.query_body_bytes,
            tokens=self.query_tokens,
            depth=self.query_depth,
            aliases=self.query_aliases,
            directives=self.query_directives,
            page=self.query_page,
            subscriptions=self.query_subscriptions,
            cost=self.query_cost_limit,
            budget=self.query_budget,
            concurrency=self.query_concurrency,
            person_matches=self.person_match_rate,
            oauth_rate=self.oauth_rate,
            oauth_failures=self.oauth_failures,
        )

    @property
    def is_address_known(self) -> bool:
        """False behind a proxy that nobody has named: the hub ends no TLS itself, so at an https address there is one."""
        return self.forwarded_by is not None or not self.public_issuer.startswith("https:")

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
    values: dict[str, str] = {}
    agency: dict[str, dict[str, str]] = {}
    origin: dict[str, str] = {}
    for name in sorted(given):
        if not name.upper().startswith(_PREFIX):
            continue
        bare, from_file = _named(name)
        if bare in origin:
            raise SettingError(name, f"{origin[bare]} is set too; leave one out")
        origin[bare] = name
        value = _read(name, given[name]) if from_file else given[name]
        if bare in Settings.model_fields:
            values[bare] = value
        else:
            _, word, setting = bare.split("__")
            agency.setdefault(word, {})[setting] = value
    try:
        return Settings.model_validate({**values, "agency": agency})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingError(origin[str(first["loc"][0])], first["msg"]) from None


def _named(name: str) -> tuple[str, bool]:
    """The setting that a variable stands for, and whether the variable names a file that holds it.

    Raises:
        SettingError: there is no such setting.
    """
    bare = name.upper().removeprefix(_PREFIX).lower()
    from_file = bare.endswith("_file") and bare not in Settings.model_fields
    setting = bare.removesuffix("_file") if from_file else bare
    if setting.startswith("agency"):
        if _AGENCY.fullmatch(setting) is None:
            raise SettingError(name, "write HUB_AGENCY__<AGENCY>__<NAME>")
    elif setting not in Settings.model_fields:
        raise SettingError(name, _unknown(bare))
    return setting, from_file


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(name, f"the file cannot be read ({error.strerror})") from None
    except ValueError:
        raise SettingError(name, "the file is not text in UTF-8") from None


def _unknown(bare: str) -> str:
    plain = Settings.model_fields.keys() - {"agency"}
    near = difflib.get_close_matches(bare, [*sorted(plain), *sorted(f"{name}_file" for name in plain)], n=1)
    hint = f"; did you mean {_PREFIX}{near[0].upper()}?" if near else ""
    return f"there is no such setting{hint}"
