// Hive Gateway in front of the hub and of agencies' subgraphs. It turns away whoever is not known, joins what subgraphs say,
// and opens nothing: each subgraph judges each operation again, by the caller's own token and proof (ADR-0035).
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { defineConfig } from '@graphql-hive/gateway'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { HUB_ISSUER, SUPERGRAPH, GATEWAY_CERTIFICATE, GATEWAY_KEY, GATEWAY_TRUSTS } = process.env
const issuer = HUB_ISSUER.replace(/\/$/, '')
const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks`), { timeoutDuration: 5_000, cooldownDuration: 5_000 })
// The hub knows the gateway by its certificate; without one it believes no proof that names the gateway's URL.
const agent = GATEWAY_CERTIFICATE && new Agent({
  cert: readFileSync(GATEWAY_CERTIFICATE),
  key: readFileSync(GATEWAY_KEY),
  ca: GATEWAY_TRUSTS && readFileSync(GATEWAY_TRUSTS),
  keepAlive: true,
})
const operations = new WeakMap()

// All subrequests of one operation have one id, so that the hub takes the caller's proof for this operation and no other.
function operationOf (request) {
  if (!operations.has(request)) operations.set(request, randomUUID())
  return operations.get(request)
}

const pick = (headers, ...names) => Object.fromEntries(names.map((name) => [name, headers.get(name)]))

async function isKnown (request) {
  const [scheme, token] = (request.headers.get('authorization') ?? '').split(' ')
  if (!['bearer', 'dpop'].includes(scheme.toLowerCase()) || !token) return false
  try {
    await jwtVerify(token, keys, {
      issuer, audience: `${issuer}/graphql`, typ: 'at+jwt', algorithms: ['Ed25519'], clockTolerance: 10,
    })
    return true
  } catch {
    return false
  }
}

function refused (status, code, message, headers = {}) {
  return Response.json({ errors: [{ message, extensions: { code } }] },
    { status, headers: { 'Cache-Control': 'no-store', ...headers } })
}

const door = {
  async onRequest ({ request, url, endResponse }) {
    if (url.pathname !== '/graphql') return
    if (request.method !== 'POST') {
      endResponse(refused(405, 'BAD_USER_INPUT', 'send queries by POST', { Allow: 'POST' }))
    } else if (!await isKnown(request)) {
      endResponse(refused(401, 'UNAUTHENTICATED', 'A valid access token is needed; ask the hub for one.',
        { 'WWW-Authenticate': 'DPoP realm="hub"' }))
    }
  },
}

export const gatewayConfig = defineConfig({
  supergraph: SUPERGRAPH ?? 'supergraph.graphql',
  pollingInterval: 0,
  plugins: () => [door],
  propagateHeaders: {
    fromClientToSubgraphs: ({ request, subgraphName }) => ({
      ...pick(request.headers, 'authorization', 'dpop', 'prefer'),
      ...(subgraphName === 'hub' && { 'hub-gateway-operation': operationOf(request) }),
    }),
    fromSubgraphsToClient: ({ response, subgraphName }) =>
      subgraphName === 'hub' ? pick(response.headers, 'dpop-nonce', 'preference-applied') : undefined,
    deduplicateHeaders: true,
  },
  // Each question is asked by its own caller and has its own entry in the ledger: no two are ever made one.
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  ...(agent && { customAgent: ({ url }) => url.startsWith('https:') ? agent : undefined }),
  upstreamTimeout: 35_000,
  // A connection may end just as it is used again; a question may be repeated, anything else may not.
  upstreamRetry: ({ executionRequest }) =>
    executionRequest.operationType === 'query' && { maxRetries: 1, retryDelay: 100 },
  maxTokens: 2_000,
  maxDepth: 12,
  cors: false,
  graphiql: false,
  landingPage: false,
  requestId: false,
  logging: process.env.LOGGING ?? 'warn',
})
