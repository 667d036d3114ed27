// Composes subgraphs, read on stdin as a list of {name, url, sdl, prefix}, by two libraries; writes what came of it.
// `node compose.mjs supergraph` writes the first one's supergraph alone.
import { composeServices as byApollo } from '@apollo/composition'
import { composeServices as byGuild } from '@theguild/federation-composition'
import { parse, specifiedScalarTypes, visit } from 'graphql'

const ROOTS = ['Query', 'Mutation', 'Subscription']
const FEDERATION = ['_Any', '_Entity', '_Service']

// The SDL with names of its own for every type and every field of the roots.
function prefixed (document, prefix) {
  const builtIn = new Set([...specifiedScalarTypes.map(({ name }) => name), ...ROOTS, ...FEDERATION])
  const named = (node) => ({ ...node, name: { ...node.name, value: prefix + node.name.value } })
  const type = (node) => builtIn.has(node.name.value) ? undefined : named(node)
  const root = (node) => {
    const own = builtIn.has(node.name.value) ? node : named(node)
    if (!ROOTS.includes(node.name.value)) return own === node ? undefined : own
    return { ...own, fields: node.fields.map((field) => field.name.value.startsWith('_') ? field : named(field)) }
  }
  return visit(document, {
    NamedType: type,
    ObjectTypeDefinition: root,
    EnumTypeDefinition: type,
    InputObjectTypeDefinition: type,
    ScalarTypeDefinition: type,
    UnionTypeDefinition: type,
    InterfaceTypeDefinition: type,
  })
}

const subgraphs = (await new Response(process.stdin).json()).map(({ name, url, sdl, prefix }) =>
  ({ name, url, typeDefs: prefix ? prefixed(parse(sdl), prefix) : parse(sdl) }))
const told = Object.fromEntries([['guild', byGuild], ['apollo', byApollo]].map(([name, compose]) => {
  const { errors, supergraphSdl } = compose(subgraphs)
  return [name, { errors: (errors ?? []).map((error) => error.message), supergraph: supergraphSdl ?? '' }]
}))
if (process.argv[2] === 'supergraph') {
  if (told.guild.errors.length) throw new Error(told.guild.errors.join('\n'))
  process.stdout.write(told.guild.supergraph)
} else {
  console.log(JSON.stringify(told))
}
