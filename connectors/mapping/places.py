"""Countries and regions as agencies write them.

Source: domain reference, section 5.5; Kemendagri codes are not BPS codes, so a code without its dot is no code.
"""

import re
from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from connectors.mapping.text import words_of
from schema.codes import country_aliases
from schema.regions import regency_of, regions_by_name

_CODE = re.compile(r"[0-9]{2}(?:\.[0-9]{1,4}){0,3}")
_REGENCY = re.compile(r"^kab(?:upaten)? ")
_KIND = re.compile(r"^(?:prov(?:insi)?|kab(?:upaten)?|daerah khusus ibukota|dki|di|daerah istimewa) ")


@cache
def _countries() -> MappingProxyType[str, str]:
    return MappingProxyType({words_of(name): code for name, code in country_aliases().items()})


@cache
def _regions() -> MappingProxyType[str, str]:
    names = {words_of(name): code for name, code in regions_by_name().items()}
    short = {_KIND.sub("", name): code for name, code in names.items()}
    # BOGOR alone is a regency or a city: nobody knows which, so it is none.
    sole = {name: code for name, code in short.items() if f"kota {name}" not in names}
    return MappingProxyType(sole | names)


def country(text: str) -> str | None:
    """The alpha-3 code of a country by its code or by any of its names; None where the code list has no such country."""
    return _countries().get(words_of(text))


def region_by_code(text: str) -> str | None:
    """The regency, or the province where no more is known, of a dotted Kemendagri code; None if neither is known."""
    return regency_of(text) if _CODE.fullmatch(text) else None


def region_by_name(text: str, respell: Callable[[str], str]) -> str | None:
    """The Kemendagri code of a province or regency by name; None where there is none of that name.

    Args:
        text: as written, such as KALBAR or Kab. Sanggau.
        respell: puts abbreviations into full names.
    """
    words = _REGENCY.sub("kabupaten ", words_of(respell(text)))
    return _regions().get(words) or _regions().get(_KIND.sub("", words))
