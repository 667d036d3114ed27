// oauth4webapi plays client, resource server and introspecting gateway against a running hub.
// Reads {issuer, audience, client, gateway} on stdin, each party {client_id, private_jwk}; writes what it saw.
import * as oauth from 'oauth4webapi'

const insecure = { [oauth.allowInsecureRequests]: true } // loopback only
const { issuer, audience, client, gateway } = JSON.parse(await new Response(process.stdin).text())

const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...insecure }),
)

const algorithms = {
  OKP: { name: 'Ed25519' },
  EC: { name: 'ECDSA', namedCurve: 'P-256' },
  RSA: { name: 'RSA-PSS', hash: 'SHA-256' },
}
async function party({ client_id, private_jwk }) {
  const { kid, kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = private_jwk
  const key = await crypto.subtle.importKey(
    'jwk', { kty, crv, x, y, d, n, e, p, q, dp, dq, qi }, algorithms[kty], false, ['sign'])
  return [{ client_id }, oauth.PrivateKeyJwt({ key, kid })]
}

async function token(parameters) {
  const [metadata, authentication] = await party(client)
  const response = await oauth.clientCredentialsGrantRequest(as, metadata, authentication, parameters, insecure)
  return oauth.processClientCredentialsResponse(as, metadata, response)
}

async function refusal(parameters) {
  try {
    await token(parameters)
    return 'accepted'
  } catch (error) {
    return `${error.status} ${error.error}`
  }
}

async function introspect(access_token) {
  const [metadata, authentication] = await party(gateway)
  const response = await oauth.introspectionRequest(as, metadata, authentication, access_token, insecure)
  return oauth.processIntrospectionResponse(as, metadata, response)
}

const good = await token({ scope: 'case:read', purpose: 'investigation' })
const claims = await oauth.validateJwtAccessToken(
  as, new Request(audience, { headers: { authorization: `Bearer ${good.access_token}` } }), audience, insecure)
const before = await introspect(good.access_token)
const [metadata, authentication] = await party(client)
await oauth.processRevocationResponse(
  await oauth.revocationRequest(as, metadata, authentication, good.access_token, insecure))
const after = await introspect(good.access_token)

console.log(JSON.stringify({
  token_type: good.token_type,
  expires_in: good.expires_in,
  scope: good.scope,
  claims: { client_id: claims.client_id, purpose: claims.purpose, jur: claims.jur },
  active: [before.active, after.active],
  more_scope: await refusal({ scope: 'document:read', purpose: 'investigation' }),
  other_purpose: await refusal({ scope: 'case:read', purpose: 'statistics' }),
}))
