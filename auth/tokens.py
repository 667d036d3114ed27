"""From a request to the caller: the token verified once and then remembered until it ends, its proof each time."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote
from uuid import UUID

from starlette.requests import HTTPConnection

from auth import access_token, challenge, dpop, dpop_nonce, gateway, jws, one_time, places
from auth.challenge import NonceWanted, ProofInvalid
from auth.client_certificate import ClientCertificates
from auth.confirmation import Confirmation
from auth.dpop_nonce import Nonces
from auth.gateway import Gateway
from auth.keys import Keys
from auth.revocations import Revocations
from auth.seen_proofs import SeenProofs
from schema.errors import DecisionError, NotAuthenticated

CACHE_SIZE: Final = 10_000
_SCHEMES: Final = frozenset({"bearer", "dpop"})
PROOF: Final = "dpop"
"""The name of the header of proofs."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, for whom, why, and where."""

    client_id: str
    agency: str | None
    scopes: frozenset[str]
    """What the token says; what is alive now is in the Permit."""
    purpose: str
    jurisdiction: tuple[str, ...]
    """Kemendagri codes of 2 or 4 digits; no code opens no region."""
    token_id: str
    expires_at: datetime
    account_id: str | None = None
    """The person who uses the client; None where it acts for itself."""
    acr: str | None = None
    """How strongly the person has logged in."""
    authenticated_at: datetime | None = None
    """When the person has logged in."""
    grant_set: str | None = None
    """A short name of the grants that the token was issued on."""
    case_id: UUID | None = None
    """The one case of an emergency."""
    login_id: UUID | None = None
    """The login that the token ends with."""


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    confirmation: Confirmation | None


class Verifier:
    """Turns what a request shows into a Caller. One for each process."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: Keys,
        revocations: Revocations,
        clock: Callable[[], datetime],
        cache_size: int = CACHE_SIZE,
        certificates: ClientCertificates | None = None,
        bearer_demo: bool = False,
        known_gateway: Gateway | None = None,
    ) -> None:
        """The arguments are those of the server, but for three.

        Args:
            issuer: URL that clients know the hub by; `htu` of a proof is a place under it.
            audience: the `aud` of tokens for this resource.
            keys: ours.
            revocations: of this process.
            clock: aware UTC.
            cache_size: verified tokens remembered, n >= 1.
            certificates: how a proxy hands over certificates; None where no token is bound to one.
            bearer_demo: True only in the demo: a token that is bound to nothing is accepted.
            known_gateway: that asks for callers; None where there is none.
        """
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._revocations = revocations
        self._clock = clock
        self._cache_size = cache_size
        self._certificates = certificates
        self._bearer_demo = bearer_demo
        self._gateway = known_gateway
        self._nonces = Nonces(keys, clock)
        self._seen = SeenProofs(clock)
        self._cache: dict[bytes, _Verified] = {}
        self._verified_with = keys.known

    async def verify_request(self, http: HTTPConnection) -> Caller:
        """The caller of an HTTP request; see `verify`."""
        headers = http.headers
        return await self.verify(
            headers.get("authorization"),
            method=str(http.scope.get("method", "GET")),
            path=quote(str(http.scope["path"])),
            proofs=headers.getlist(PROOF),
            certificate=self._certificate(http),
            operation=gateway.operation(headers),
        )

    def _certificate(self, http: HTTPConnection) -> str | None:
        return None if self._certificates is None else self._certificates.thumbprint(http.headers)

    async def verify(
        self,
        authorization_header: str | None,
        *,
        method: str = "POST",
        path: str | None = None,
        proofs: Sequence[str] = (),
        certificate: str | None = None,
        operation: str | None = None,
    ) -> Caller:
        """The caller. Only headers are ever read: a token in a query or a body is no token.

        Args:
            authorization_header: `DPoP <token>`, or `Bearer <token>` for a token bound to a certificate or, in the
                demo, to nothing.
            method: of the request.
            path: of the request below the issuer; None for the audience itself.
            proofs: each value of the header `DPoP`.
            certificate: thumbprint of the connection's certificate (`ClientCertificates.thumbprint`).
            operation: of which a gateway says that this request is part; nobody else is believed.

        Raises:
            ProofInvalid: the token is in order, and the proof of its key is not; NonceWanted if for its nonce only.
            NotAuthenticated: no token, or one that is not ours, not for us, ended, withdrawn or not the sender's.
        """
        is_dpop, text = _credentials(authorization_header)
        found = await self._alive(text)
        caller = found.caller
        if found.confirmation is None or found.confirmation.jkt is None:
            self._check_bearer(found.confirmation, certificate, is_dpop=is_dpop)
            return caller
        if not is_dpop:
            raise NotAuthenticated(
                "The access token is bound to a key; send `Authorization: DPoP <token>` and a proof."
            )
        uri, is_part = self._place(path, certificate)
        proof = self._proof(text, found.confirmation.jkt, method, uri, proofs)
        if not self._seen.is_new(proof, operation if is_part else None):
            raise ProofInvalid("The DPoP proof was used before; sign a new one for each request.")
        return caller

    async def verify_connection(
        self, http: HTTPConnection, authorization: str | None, proofs: Sequence[str]
    ) -> Caller:
        """The caller of a WebSocket, whose first message has what a request has in headers: a browser sets none there.

        The proof is of GET and the endpoint's URL, and good once at whichever replica: what it opens lasts.

        Args:
            http: the handshake; its headers have the certificate alone.
            authorization: as `verify` takes it.
            proofs: likewise.

        Raises:
            ProofInvalid: as `verify` raises it, or the proof was used before.
            NotAuthenticated: as `verify` raises it, or a gateway sent it.
        """
        certificate = self._certificate(http)
        if self._gateway is not None and self._gateway.has(certificate):
            raise NotAuthenticated("A gateway passes no subscription on; connect to the hub itself.")
        caller = await self.verify(authorization, method="GET", proofs=proofs, certificate=certificate)
        if _credentials(authorization)[0]:
            await self._spend(proofs[0])
        return caller

    async def still(self, authorization: str) -> Caller:
        """The caller of a token whose sender was verified when the connection was made.

        Args:
            authorization: as it was verified then.

        Raises:
            NotAuthenticated: the token has ended since, or was withdrawn.
        """
        return (await self._alive(_credentials(authorization)[1])).caller

    async def _alive(self, text: str) -> _Verified:
        """What a token of ours says, whoever sends it.

        Raises:
            NotAuthenticated: it is not ours, not for us, ended or withdrawn.
        """
        now = self._clock()
        if not (self._keys.is_fresh(now) and self._revocations.is_fresh(now)):
            await self._keys.fresh()
            await self._revocations.fresh()
        if self._verified_with is not self._keys.known:
            self._cache.clear()
            self._verified_with = self._keys.known
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
        found = self._cache.get(digest)
        if found is None or found.caller.expires_at <= now:
            self._cache.pop(digest, None)
            found = self._read(text)
            self._remember(digest, found)
        caller = found.caller
        if self._revocations.refuses(
            jti=caller.token_id,
            client_id=caller.client_id,
            account_id=caller.account_id,
            login_id=caller.login_id,
        ):
            raise NotAuthenticated("The access token was withdrawn; ask /oauth/token for a new one.")
        return found

    def _check_bearer(self, bound_to: Confirmation | None, certificate: str | None, *, is_dpop: bool) -> None:
        if is_dpop:
            raise NotAuthenticated("The access token is not bound to a key; it is not sent as DPoP.")
        if bound_to is None and not self._bearer_demo:
            raise NotAuthenticated("A token must be bound to its client; only the demo takes others.")
        if bound_to is not None and (certificate is None or certificate != bound_to.x5t):
            raise NotAuthenticated(
                "The access token is bound to a certificate; send it over a connection with that one."
            )

    async def spend(self, http: HTTPConnection) -> None:
        """The proof of this request is good for no other one, at whichever replica; call it before a write.

        A read is guarded by the memory of one process, which is enough there and costs nothing. A request without a
        proof (a certificate, the demo) has nothing to spend: what it showed cannot be replayed by a stranger, or is
        bound to nothing anyway.

        Args:
            http: as given to `verify_request`, which has accepted it.

        Raises:
            DecisionError: a gateway sent it; a decision is sent to the hub itself.
            ProofInvalid: it was used before.
        """
        if self._gateway is not None and self._gateway.has(self._certificate(http)):
            raise DecisionError("A decision is not taken through a gateway; send it to the hub itself.")
        proofs = http.headers.getlist(PROOF)
        if proofs:
            await self._spend(proofs[0])

    async def _spend(self, proof: str) -> None:
        named = dpop.named(proof)
        async with self._keys.engine.begin() as connection:
            fresh = await connection.run_sync(
                one_time.spend,
                kind="resource proof",
                client_id=named.jkt,
                value=named.jti,
                expires_at=named.expires_at,
            )
        if not fresh:
            raise ProofInvalid("The DPoP proof was used before; sign a new one for each request.")

    def headers(
        self, error: NotAuthenticated | None = None, *, token_sent: bool = True, scopes: Sequence[str] = ()
    ) -> dict[str, str]:
        """The headers of a refusal: `WWW-Authenticate`, and the nonce for the next proof.

        Args:
            error: why the caller is not known; None where scopes are missing.
            token_sent: whether there was an Authorization header.
            scopes: that are missing.
        """
        may_be_bearer = self._bearer_demo or self._certificates is not None
        value = challenge.challenge(error, token_sent=token_sent, bearer=may_be_bearer, scopes=scopes)
        return {"WWW-Authenticate": value} | self.nonce_header()

    def nonce_header(self) -> dict[str, str]:
        """`DPoP-Nonce` for an answer of any kind; empty before the first `verify` of this process."""
        return {dpop_nonce.HEADER: self._nonces.current()} if self._keys.known else {}

    def _place(self, path: str | None, certificate: str | None) -> tuple[str, bool]:
        """The URL that a proof of this request must name, and whether that is the gateway's."""
        uri = self._audience if path is None else places.url(self._issuer, path)
        if self._gateway is not None and self._gateway.has(certificate) and uri == self._audience:
            return self._gateway.url, True
        return uri, False

    def _proof(self, text: str, jkt: str, method: str, uri: str, proofs: Sequence[str]) -> dpop.Proof:
        try:
            proof = dpop.check(
                proofs,
                method=method,
                uri=uri,
                now=self._clock(),
                is_our_nonce=self._nonces.accepts,
                token=text,
            )
        except dpop.NonceNeeded as refused:
            raise NonceWanted(str(refused)) from None
        except dpop.ProofRefused as refused:
            raise ProofInvalid(str(refused)) from None
        if proof.jkt != jkt:
            raise NotAuthenticated("The access token is bound to another key than the proof's.")
        return proof

    def _read(self, text: str) -> _Verified:
        try:
            token = access_token.read(
                text, issuer=self._issuer, audience=self._audience, keys=self._keys, now=self._clock()
            )
        except jws.Refused as refused:
            raise NotAuthenticated(f"The access token is refused: {refused}.") from None
        caller = Caller(
            client_id=token.client_id,
            agency=token.agency,
            scopes=token.scopes,
            purpose=token.purpose,
            jurisdiction=token.jurisdiction,
            token_id=token.token_id,
            expires_at=token.expires_at,
            account_id=None if token.subject == token.client_id else token.subject,
            acr=token.acr,
            authenticated_at=token.authenticated_at,
            grant_set=token.grant_set,
            case_id=token.case_id,
            login_id=token.login_id,
        )
        return _Verified(caller, token.confirmation)

    def _remember(self, digest: bytes, found: _Verified) -> None:
        if len(self._cache) >= self._cache_size:
            del self._cache[next(iter(self._cache))]
        self._cache[digest] = found


def _credentials(header: str | None) -> tuple[bool, str]:
    """Whether the token is sent as DPoP, and the token.

    Raises:
        NotAuthenticated: there is none, in a form that we know.
    """
    if header is None:
        raise NotAuthenticated
    scheme, _, text = header.partition(" ")
    kind = scheme.lower()
    if not text or kind not in _SCHEMES:
        raise NotAuthenticated("Send the access token as `Authorization: DPoP <token>` with a proof.")
    if len(text) > jws.MAX_BYTES:
        raise NotAuthenticated("The access token is too long to be one of ours.")
    return kind == "dpop", text
