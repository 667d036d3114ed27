// oidc-provider plays the issuer of an agency's systems and the government's login.
// Reads one JSON line {port, hub, audience, jwks, algorithm, redirectUri, life} on stdin; prints "ready" when it listens.
// A person logs in by POST /people/:uid {sub}; nothing is asked, since no real person is here.
import { createInterface } from 'node:readline'
import Provider, { interactionPolicy } from 'oidc-provider'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const { port, hub, audience, jwks, algorithm, redirectUri, life } = JSON.parse((await lines.next()).value)
const issuer = `http://127.0.0.1:${port}`

const policy = interactionPolicy.base()
policy.remove('consent')

const provider = new Provider(issuer, {
  jwks,
  enabledJWA: { idTokenSigningAlgValues: [algorithm], clientAuthSigningAlgValues: ['Ed25519', 'EdDSA', 'ES256'] },
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
  clients: [
    {
      client_id: 'lapor', client_secret: 'not-a-secret-of-anything', grant_types: ['client_credentials'],
      redirect_uris: [], response_types: [], id_token_signed_response_alg: algorithm,
    },
    {
      client_id: 'tppo-hub', grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${hub}/oauth/jwks`,
      id_token_signed_response_alg: algorithm, require_auth_time: true,
    },
  ],
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: (_, resource) => ({
        scope: 'perkara.baca korban.baca berkas.baca',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: life,
        jwt: { sign: { alg: algorithm } },
      }),
    },
  },
  // Its own guard refuses loopback addresses, and the hub of a test is at one.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  interactions: { policy, url: (_, interaction) => `/people/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    })
    grant.addOIDCScope('openid')
    await grant.save()
    return grant
  },
})
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/people/')) return next()
  await provider.interactionFinished(ctx.req, ctx.res, {
    login: { accountId: ctx.query.sub ?? 'petugas-1' },
  })
  ctx.respond = false
})
provider.on('server_error', (_, error) => console.error(error))
provider.on('grant.error', (_, error) => console.error(error.error, error.error_detail))
provider.on('authorization.error', (_, error) => console.error(error.error, error.error_description))
const server = provider.listen(port, '127.0.0.1', () => console.log('ready'))
await lines.next() // until stdin ends
server.closeAllConnections()
server.close()
