"""Which agencies there are, what each must be told, and each ready to be read. The one place that puts the parts together."""

import difflib
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from connectors import agencies as package
from connectors import mapping
from connectors.protocol import Connector, Lookup, Source
from connectors.transport import setting
from connectors.transport.setting import Setting
from schema.errors import SettingError


class _Agency(Protocol):
    """What a module of `connectors.agencies` holds."""

    SETTINGS: tuple[Setting, ...]
    BY_LOOKUP: bool

    def source(self, settings: Mapping[str, str], lookup: Lookup, /) -> Source: ...


def agencies() -> tuple[str, ...]:
    """The word of every agency, lower case, in order; a new one is new files and no edit here."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


def settings(agency: str) -> tuple[Setting, ...]:
    """What an operator must or may set for an agency.

    Args:
        agency: its word.

    Raises:
        SettingError: there is no such agency.
    """
    return _module(agency).SETTINGS


def about(agency: str) -> str:
    """The form that an agency's module begins with: who it is, the legal basis, access, cursor and caveats.

    Args:
        agency: its word.

    Raises:
        SettingError: there is no such agency.
    """
    return (_module(agency).__doc__ or "").strip()


def load(agency: str, settings: Mapping[str, str], *, lookup: Lookup) -> Connector:
    """An agency ready to be read; nothing has been asked yet.

    Args:
        agency: its word.
        settings: values by name, as the operator wrote them.
        lookup: whom to ask for, where it answers by key only.

    Raises:
        SettingError: there is no such agency, or a setting is missing, malformed or unknown; or its mapping is wrong.
    """
    module = _module(agency)
    values = setting.read(agency, module.SETTINGS, settings)
    return Connector(
        agency=agency.upper(),
        source=module.source(values, lookup),
        mapping=mapping.load(agency),
        by_lookup=module.BY_LOOKUP,
    )


def _module(agency: str) -> _Agency:
    known = agencies()
    if agency not in known:
        near = difflib.get_close_matches(agency.lower(), known, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise SettingError(
            f"HUB_AGENCY__{agency.upper()}", f"there is no such agency; {meant}known are {', '.join(known)}"
        )
    return cast("_Agency", import_module(f"{package.__name__}.{agency}"))
