"""The statement's text made whole: sealed values opened, cursors signed, and whose rows they are noted for the ledger.

Replacing in the text costs a request with identity what the opening costs, and one without nothing.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from auth.permit import Permit
from hub.graphql.catalogue import Scopes, nodes
from hub.graphql.marks import COUNTED, CROWD, NONCE, NOTED, SUBJECT, TOO_MANY
from hub.graphql.rows import ListUse
from hub.identity import envelope
from hub.identity.keyring import Keyring
from schema.entities import entities
from schema.errors import CursorInvalid, MissingScope, QueryTooCostly, UseRefused

_MARK = re.compile(
    rf'"(?P<nonce>{NONCE}):'
    r"(?:s:(?P<place>[a-z_]+\.[a-z_]+:[0-9a-f-]{36}):(?P<sealed>[0-9a-f]+):(?P<agency>[A-Z0-9_]+)"
    r":(?P<version>\d+):(?P<wrapped>[0-9a-f]+)"
    r'|c:(?P<list>\d+):(?P<position>[0-9a-f]*))"'
)
_MAC_BYTES = 16


@cache
def _openers() -> Mapping[str, tuple[Scopes, ...]]:
    """The scopes that open each sealed column: those of any type that shows it."""
    found: dict[str, tuple[Scopes, ...]] = {}
    for node in nodes().values():
        for column in node.columns.values():
            if column.declaration.sealed:
                place = f"{entities()[column.entity].table}.{column.declaration.name}"
                found[place] = (*found.get(place, ()), column.requires)
    return found


class Revealer:
    """Opens and signs for one request.

    Args:
        keyring: opens and signs.
        permit: whose cursors they are, since another caller's are refused, and what may be opened.
        lists: of the plan, by the number of their arguments.
        nonce: of the request.

    Attributes:
        shown: keys of rows that stand in the answer, each as often as it does.
        counted: keys of rows that a total or a group counts, where they are few.
        crowds: numbers of rows that totals count and that are not among those.
    """

    def __init__(self, keyring: Keyring, permit: Permit, lists: Mapping[int, ListUse], nonce: str) -> None:
        self._keyring = keyring
        self._permit = permit
        self._lists = lists
        self._nonce = nonce
        self._keys: dict[str, envelope.Cipher] = {}
        self.shown: list[str] = []
        self.counted: list[str] = []
        self.crowds: list[str] = []
        self._notes = {nonce + SUBJECT: self.shown, nonce + COUNTED: self.counted, nonce + CROWD: self.crowds}

    def whole(self, text: str, *, has_values: bool) -> str:
        """The text with every mark of this request taken out or replaced.

        Args:
            text: of the statement.
            has_values: there are sealed values or cursors in it.

        Raises:
            QueryTooCostly: a table has more groups than may be asked for.
            SealedValueBroken: a sealed value does not open; nothing of the answer is sent.
            UseRefused: a sealed value is in the text that the permit does not open; a statement never brings one.
        """
        parts = NOTED.split(text)
        if {*parts[1::3]} <= {self._nonce + SUBJECT}:
            # Most answers have no other, and a page has hundreds of these.
            self.shown += parts[2::3]
            text = "".join(parts[::3])
        else:
            text = NOTED.sub(self._noted, text)
        return _MARK.sub(self._replace, text) if has_values else text

    def _noted(self, mark: re.Match[str]) -> str:
        if mark[1] == self._nonce + TOO_MANY:
            raise QueryTooCostly(
                "caseload: there are more groups than one table may have; group by fewer dimensions or narrow `where`"
            )
        keys = self._notes.get(mark[1])
        if keys is None:
            return mark[0]
        keys.append(mark[2])
        return ""

    def _replace(self, mark: re.Match[str]) -> str:
        if mark["nonce"] != self._nonce:
            return mark[0]
        if mark["list"] is not None:
            return f'"{self._sign(int(mark["list"]), bytes.fromhex(mark["position"]))}"'
        self._require(mark["place"].partition(":")[0])
        sealed = bytes.fromhex(mark["sealed"])
        key = self._keys.get(mark["wrapped"])
        if key is None:
            subject_id, wrapped = envelope.subject_of(sealed), bytes.fromhex(mark["wrapped"])
            key = self._keyring.subject(mark["agency"], subject_id, int(mark["version"]), wrapped).cipher
            self._keys[mark["wrapped"]] = key
        return envelope.open_sealed(key, mark["place"], sealed).decode()

    def _require(self, place: str) -> None:
        required = _openers()[place]
        if not any(self._permit.allows(one) for one in required):
            raise UseRefused([MissingScope(coordinate=place, requires=required[0])])

    def _sign(self, use: int, position: bytes) -> str:
        mac = self._mac(use, position)
        return base64.urlsafe_b64encode(mac + position).rstrip(b"=").decode()

    def _mac(self, use: int, position: bytes) -> bytes:
        label = f"cursor:{self._permit.caller.client_id}:{self._permit.caller.account_id}:{self._lists[use].label}"
        return self._keyring.sign(label, position)[:_MAC_BYTES]

    def position(self, use: int, cursor: str) -> Sequence[Any]:
        """The values that a cursor names.

        Args:
            use: number of the list's arguments.
            cursor: as received.

        Raises:
            CursorInvalid: it is not of this list and order, or not of this client.
        """
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise CursorInvalid from None
        mac, position = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(use, position)):
            raise CursorInvalid
        values: list[Any] = orjson.loads(position)
        if len(values) != self._lists[use].width:
            raise CursorInvalid
        return values
