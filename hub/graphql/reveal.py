"""The statement's text made whole: sealed values opened and cursors signed, each marked with the request's nonce.

Replacing in the text costs a request with identity what the opening costs, and one without nothing.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from hub.graphql.rows import ListUse
from hub.identity import envelope
from hub.identity.keyring import Keyring
from schema.errors import CursorInvalid

_MARK = re.compile(
    r'"(?P<nonce>[0-9a-f]{32}):'
    r"(?:s:(?P<place>[a-z_]+\.[a-z_]+:[0-9a-f-]{36}):(?P<sealed>[0-9a-f]+):(?P<agency>[A-Z0-9_]+)"
    r":(?P<version>\d+):(?P<wrapped>[0-9a-f]+)"
    r'|c:(?P<list>\d+):(?P<position>[0-9a-f]*))"'
)
_MAC_BYTES = 16


class Revealer:
    """Opens and signs for one request.

    Args:
        keyring: opens and signs.
        client_id: whose cursors they are; another client's are refused.
        lists: of the plan, by the number of their arguments.
        nonce: of the request.
    """

    def __init__(self, keyring: Keyring, client_id: str, lists: Mapping[int, ListUse], nonce: str) -> None:
        self._keyring = keyring
        self._client_id = client_id
        self._lists = lists
        self._nonce = nonce
        self._keys: dict[str, envelope.Cipher] = {}

    def whole(self, text: str) -> str:
        """The text with every mark of this request replaced.

        Raises:
            SealedValueBroken: a sealed value does not open; nothing of the answer is sent.
        """
        return _MARK.sub(self._replace, text)

    def _replace(self, mark: re.Match[str]) -> str:
        if mark["nonce"] != self._nonce:
            return mark[0]
        if mark["list"] is not None:
            return f'"{self._sign(int(mark["list"]), bytes.fromhex(mark["position"]))}"'
        sealed = bytes.fromhex(mark["sealed"])
        key = self._keys.get(mark["wrapped"])
        if key is None:
            subject_id, wrapped = envelope.subject_of(sealed), bytes.fromhex(mark["wrapped"])
            key = self._keyring.subject(mark["agency"], subject_id, int(mark["version"]), wrapped).cipher
            self._keys[mark["wrapped"]] = key
        return envelope.open_sealed(key, mark["place"], sealed).decode()

    def _sign(self, use: int, position: bytes) -> str:
        mac = self._mac(use, position)
        return base64.urlsafe_b64encode(mac + position).rstrip(b"=").decode()

    def _mac(self, use: int, position: bytes) -> bytes:
        label = f"cursor:{self._client_id}:{self._lists[use].label}"
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
