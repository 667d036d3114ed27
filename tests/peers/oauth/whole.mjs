// openid-client plays a system and a desk that people use; jose reads their tokens as a resource server would.
// Reads {issuer, audience, client, desk, login} on stdin; writes what it saw.
import * as client from 'openid-client'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { Browser } from './browser.mjs'
import { privateKey, read } from './keys.mjs'

const { issuer, audience, client: system, desk, login } = await read(process.stdin)
const seen = {}

async function configured({ client_id, private_jwk }) {
  const authentication = client.PrivateKeyJwt({ key: await privateKey(private_jwk), kid: private_jwk.kid })
  return client.discovery(new URL(issuer), client_id, undefined, authentication, {
    algorithm: 'oauth2', execute: [client.allowInsecureRequests], // loopback only
  })
}

const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks`))
const checks = { issuer, audience, typ: 'at+jwt', algorithms: ['Ed25519'] }

// A system.
const ofSystem = await configured(system)
const systemHandle = client.getDPoPHandle(ofSystem, await client.randomDPoPKeyPair('ES256'))
const token = await client.clientCredentialsGrant(
  ofSystem, { scope: 'case:read', purpose: 'investigation' }, { DPoP: systemHandle })
const { payload, protectedHeader } = await jwtVerify(token.access_token, keys, checks)
seen.system = { type: token.token_type, header: protectedHeader.typ, client_id: payload.client_id, sub: payload.sub }
seen.other_audience = await jwtVerify(token.access_token, keys, { ...checks, audience: 'https://elsewhere.example' })
  .catch((error) => error instanceof errors.JWTClaimValidationFailed && error.claim)
seen.other_type = await jwtVerify(token.access_token, keys, { ...checks, typ: 'JWT' })
  .catch((error) => error instanceof errors.JWTClaimValidationFailed && error.claim)
const used = await client.fetchProtectedResource(
  ofSystem, token.access_token, new URL(audience), 'POST', null, undefined, { DPoP: systemHandle })
seen.resource = [used.status, (await used.json()).client_id]

// A desk that people use.
const ofDesk = await configured(desk)
const handle = client.getDPoPHandle(ofDesk, await client.randomDPoPKeyPair('ES256'))
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const url = await client.buildAuthorizationUrlWithPAR(ofDesk, {
  redirect_uri: desk.redirect_uri,
  scope: 'case:read victim:read',
  purpose: 'investigation',
  state: expectedState,
  max_age: '600',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
}, { DPoP: handle })
seen.in_the_url = [...url.searchParams.keys()].sort()
const { location } = await new Browser(login).decide(url, 'allow')
const ofPerson = await client.authorizationCodeGrant(
  ofDesk, new URL(location), { pkceCodeVerifier, expectedState }, undefined, { DPoP: handle })
const person = await jwtVerify(ofPerson.access_token, keys, checks)
seen.person = {
  sub: person.payload.sub, acr: person.payload.acr, scope: person.payload.scope, refresh: 'refresh_token' in ofPerson,
}
await client.tokenRevocation(ofDesk, ofPerson.access_token)
seen.withdrawn = await client.fetchProtectedResource(
  ofDesk, ofPerson.access_token, new URL(audience), 'POST', null, undefined, { DPoP: handle })
  .then((response) => response.status, (error) => error.status ?? error.code)

console.log(JSON.stringify(seen))
