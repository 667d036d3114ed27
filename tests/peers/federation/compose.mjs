// Composes the hub's SDL, read on stdin, with a subgraph that adds a field to its cases; writes what came of it.
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'

const hub = await new Response(process.stdin).text()
const other = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Case @key(fields: "id") { id: ID! hearings: [String!] }
  type Query { hearingCount: Int }
`
const result = composeServices([
  { name: 'hub', url: 'http://hub.example/graphql', typeDefs: parse(hub) },
  { name: 'court', url: 'http://court.example/graphql', typeDefs: parse(other) },
])
const supergraph = result.supergraphSdl ?? ''
console.log(JSON.stringify({
  errors: (result.errors ?? []).map((error) => error.message),
  scoped: supergraph.includes('@requiresScopes(scopes: [["victim.identity:read"]])'),
  joined: supergraph.includes('hearings'),
}))
