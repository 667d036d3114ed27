"""What an operator must set to reach an agency, and whether what they wrote can be meant."""

import difflib
import ipaddress
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from schema.errors import SettingError

Form: TypeAlias = Callable[[str], str | None]
"""Gives what to write instead, or None if the value is well formed; never repeats the value."""


def text(value: str) -> str | None:
    """Any printable text."""
    return None if value.isprintable() else "write one line of printable text"


def is_loopback(host: str) -> bool:
    """Whether the host is this very machine, so that nobody stands between."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def web_address(value: str) -> str | None:
    """An address under TLS, or on this machine, without a user or a password in it."""
    try:
        parts = urlsplit(value)
        host, has_user, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        return "write an address such as https://host/path"
    if not host or parts.scheme not in {"https", "http"} or not value.isprintable():
        return "write an address such as https://host/path"
    if has_user:
        return "take user and password out of the address; they have settings of their own"
    if parts.fragment:
        return "take the part from # on out of the address"
    if parts.scheme == "http" and not is_loopback(host):
        return "write https; http is accepted on this machine only"
    return None


def web_root(value: str) -> str | None:
    """A web address to which paths are appended."""
    return web_address(value) or ("take the part from ? on out of the address" if "?" in value else None)


def port(value: str) -> str | None:
    """A number of a port."""
    well_formed = value.isascii() and value.isdigit() and 1 <= int(value) <= 65535  # noqa: PLR2004 -- TCP's highest
    return None if well_formed else "write a number from 1 to 65535"


def certificates(value: str) -> str | None:
    """Certificates in PEM."""
    try:
        ssl.create_default_context(cadata=value)
    except (ssl.SSLError, ValueError):
        return "write certificates in PEM, or use ..._CA_FILE with the path of such a file"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing to be set, as HUB_AGENCY__<AGENCY>__<NAME> or ..._FILE.

    Attributes:
        name: lower case.
        description: what it is, for the operator.
        form: which values are well formed.
        secret: whether it may never be shown.
        default: what holds where it is not set; None if it must be set.
    """

    name: str
    description: str
    form: Form = text
    secret: bool = False
    default: str | None = None


CA = Setting(
    name="ca",
    description="certificates that vouch for the server, PEM; without it those of the system",
    form=certificates,
    default="",
)


def variable(agency: str, name: str) -> str:
    """The environment variable of a setting."""
    return f"HUB_AGENCY__{agency.upper()}__{name.upper()}"


def read(agency: str, declared: Sequence[Setting], given: Mapping[str, str]) -> Mapping[str, str]:
    """Every declared setting with its value or default, each well formed.

    Args:
        agency: its word.
        declared: what the agency takes.
        given: values by lower-case name.

    Raises:
        SettingError: one is missing, malformed or not known; names the variable, never its value.
    """
    known = {setting.name for setting in declared}
    for name in given.keys() - known:
        near = difflib.get_close_matches(name, known, n=1)
        meant = (
            f"did you mean {variable(agency, near[0])}?" if near else "it takes " + ", ".join(sorted(known))
        )
        raise SettingError(variable(agency, name), f"{agency} has no such setting; {meant}")
    values: dict[str, str] = {}
    for setting in declared:
        value = given.get(setting.name, "").strip()
        if not value:
            if setting.default is None:
                raise SettingError(
                    variable(agency, setting.name), f"is missing; write the {setting.description}"
                )
            values[setting.name] = setting.default
            continue
        problem = setting.form(value)
        if problem is not None:
            raise SettingError(variable(agency, setting.name), problem)
        values[setting.name] = value
    return values
