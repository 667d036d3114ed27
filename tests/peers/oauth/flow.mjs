// oauth4webapi plays client, resource server and introspecting gateway against a running hub.
// Reads {issuer, audience, client, gateway, desk, login} on stdin, each party {client_id, private_jwk, redirect_uri};
// writes what it saw.
import * as oauth from 'oauth4webapi'
import { Browser } from './browser.mjs'
import { privateKey, read } from './keys.mjs'

const insecure = { [oauth.allowInsecureRequests]: true } // loopback only
const { issuer, audience, client, gateway, desk, login } = await read(process.stdin)
const seen = {}

const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...insecure }),
)

async function party({ client_id, private_jwk }) {
  return [{ client_id }, oauth.PrivateKeyJwt({ key: await privateKey(private_jwk), kid: private_jwk.kid })]
}

const nonces = []
async function retried(work) {
  try {
    return await work()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    nonces.push(error.status)
    return work() // the handle has kept the nonce
  }
}

async function refusal(work) {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return `${error.status} ${error.error ?? error.cause?.[0]?.parameters?.error ?? error.code}`
  }
}

// A system: client credentials, bound to a key.
const [metadata, authentication] = await party(client)
const handle = oauth.DPoP(metadata, await oauth.generateKeyPair('ES256'))
const credentials = (parameters, DPoP = handle) => async () => oauth.processClientCredentialsResponse(
  as, metadata,
  await oauth.clientCredentialsGrantRequest(as, metadata, authentication, parameters, { ...(DPoP && { DPoP }), ...insecure }))
const good = await retried(credentials({ scope: 'case:read', purpose: 'investigation' }))
seen.token = { type: good.token_type, expires_in: good.expires_in, scope: good.scope }
seen.more_scope = await refusal(credentials({ scope: 'document:read', purpose: 'investigation' }))
seen.other_purpose = await refusal(credentials({ scope: 'case:read', purpose: 'statistics' }))
seen.without_a_proof = await refusal(credentials({ scope: 'case:read', purpose: 'investigation' }, null))

// The resource: the hub's own, and this library in its place.
const use = (token, DPoP, options = {}) => async () => oauth.protectedResourceRequest(
  token, 'POST', new URL(audience), new Headers(), null, { DPoP, ...insecure, ...options })
seen.resource = await (await retried(use(good.access_token, handle))).json()
let sent
await use(good.access_token, handle, {
  [oauth.customFetch]: async (url, { method, headers }) => {
    sent = new Request(url, { method, headers })
    return new Response('{}', { status: 200 })
  },
})()
const claims = await oauth.validateJwtAccessToken(as, sent, audience, { requireDPoP: true, ...insecure })
seen.claims = { client_id: claims.client_id, purpose: claims.purpose, jur: claims.jur, bound: Object.keys(claims.cnf) }

// A thief who has the token.
const thief = oauth.DPoP(metadata, await oauth.generateKeyPair('ES256'))
seen.other_key = await refusal(() => retried(use(good.access_token, thief)))
seen.downgrade = await refusal(use(good.access_token, undefined))

// A gateway asks, the client withdraws.
async function introspect(token) {
  const [asking, proving] = await party(gateway)
  const response = await oauth.introspectionRequest(as, asking, proving, token, insecure)
  return oauth.processIntrospectionResponse(as, asking, response)
}
const before = await introspect(good.access_token)
await oauth.processRevocationResponse(
  await oauth.revocationRequest(as, metadata, authentication, good.access_token, insecure))
const after = await introspect(good.access_token)
seen.introspected = { active: [before.active, after.active], type: before.token_type, bound: Object.keys(before.cnf) }
seen.revoked = await refusal(use(good.access_token, handle))

// A person: PAR, consent, code, token.
const [deskMetadata, deskAuthentication] = await party(desk)
const deskHandle = oauth.DPoP(deskMetadata, await oauth.generateKeyPair('Ed25519'))
const browser = new Browser(login)
async function asked(changes = {}) {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const parameters = {
    client_id: desk.client_id,
    response_type: 'code',
    redirect_uri: desk.redirect_uri,
    scope: 'case:read victim:read',
    purpose: 'investigation',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...changes,
  }
  const { request_uri } = await retried(async () => oauth.processPushedAuthorizationResponse(
    as, deskMetadata,
    await oauth.pushedAuthorizationRequest(
      as, deskMetadata, deskAuthentication, parameters, { DPoP: deskHandle, ...insecure })))
  const url = new URL(as.authorization_endpoint)
  url.searchParams.set('client_id', desk.client_id)
  url.searchParams.set('request_uri', request_uri)
  return { url, verifier, state }
}

const { url, verifier, state } = await asked()
const sentBack = await browser.decide(url, 'allow')
const callback = oauth.validateAuthResponse(as, deskMetadata, new URL(sentBack.location), state)
const redeem = async () => oauth.processAuthorizationCodeResponse(
  as, deskMetadata,
  await oauth.authorizationCodeGrantRequest(
    as, deskMetadata, deskAuthentication, callback, desk.redirect_uri, verifier, { DPoP: deskHandle, ...insecure }))
const ofPerson = await retried(redeem)
seen.person = await (await retried(use(ofPerson.access_token, deskHandle))).json()
seen.redirect = sentBack.status
seen.second_request_uri = (await browser.decide(url, 'allow')).status
seen.second_code = await refusal(redeem)
seen.after_second_code = await refusal(use(ofPerson.access_token, deskHandle))

const refused = await asked()
const denied = await browser.decide(refused.url, 'refuse')
seen.denied = await refusal(async () => oauth.validateAuthResponse(as, deskMetadata, new URL(denied.location), refused.state))
seen.denied_iss = new URL(denied.location).searchParams.get('iss') === issuer
seen.more_than_held = await refusal(async () => {
  const more = await asked({ scope: 'document:read' })
  const { location } = await browser.decide(more.url, 'allow')
  oauth.validateAuthResponse(as, deskMetadata, new URL(location), more.state)
})
seen.plain_pkce = await refusal(() => asked({ code_challenge_method: 'plain' }))
seen.asked_for_a_nonce = nonces

console.log(JSON.stringify(seen))
