"""An access token by client credentials, taken when needed and renewed once when it is refused."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote_plus

import orjson

from connectors.transport.https import Answer, Line
from connectors.transport.retry import TryAgain
from schema.errors import SourceChanged, SourceRejected

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_REFUSALS = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """How a client proves itself at a token endpoint.

    Attributes:
        agency: its word.
        token_url: of the token endpoint.
        client_id: our name there.
        client_secret: our password there.

    Source:
        RFC 6749 sections 2.3.1 and 4.4.
    """

    agency: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)

    async def token(self, line: Line) -> str:
        """A new access token.

        Raises:
            SourceRejected: the endpoint refuses the credentials.
            SourceChanged: it has moved.
            TryAgain: it does not answer, or what it answers is no token.
        """
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}".encode()
        answer = await line.ask(
            "POST",
            self.token_url,
            headers={
                "Authorization": "Basic " + base64.b64encode(pair).decode(),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=b"grant_type=client_credentials",
        )
        if answer.status in _REFUSALS:
            raise SourceRejected(self.agency, "the token endpoint refuses our client")
        try:
            granted = orjson.loads(answer.require_success(self.agency))
            token, kind = granted["access_token"], granted.get("token_type", "Bearer")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._no_token() from None
        # It goes into a header: what could end a line there is refused.
        if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
            raise self._no_token()
        return token

    def _no_token(self) -> TryAgain:
        return TryAgain(SourceChanged(self.agency, "the token endpoint's answer holds no bearer token"))


class Bearer:
    """Questions that carry a token.

    Args:
        line: an open connection.
        login: how to get a token.
    """

    def __init__(self, line: Line, login: ClientCredentials) -> None:
        self._line, self._login = line, login
        self._token: str | None = None

    async def get(self, url: str, parameters: Mapping[str, str]) -> Answer:
        """The answer to a GET, with a token that was renewed once if the first was refused.

        Raises:
            SourceRejected: no token, or the fresh one is refused too.
            SourceChanged: the token endpoint has moved, or the answer is out of bounds.
            TryAgain: there is no answer.
        """
        token = self._token or await self._login.token(self._line)
        answer = await self._ask(token, url, parameters)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            token = await self._login.token(self._line)
            answer = await self._ask(token, url, parameters)
        self._token = token
        return answer

    async def _ask(self, token: str, url: str, parameters: Mapping[str, str]) -> Answer:
        return await self._line.ask(
            "GET",
            url,
            parameters=parameters,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
