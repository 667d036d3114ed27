// Audits the server at {url} with {token} in every request; reads both on stdin, writes each audit that is not ok.
import { auditServer } from 'graphql-http'

const { url, token } = JSON.parse(await new Response(process.stdin).text())
const fetchFn = (address, { headers, ...rest } = {}) => {
  const withToken = new Headers(headers)
  withToken.set('authorization', `Bearer ${token}`)
  return fetch(address, { ...rest, headers: withToken })
}

const results = await auditServer({ url, fetchFn })
console.log(JSON.stringify({
  count: results.length,
  others: results
    .filter((result) => result.status !== 'ok')
    .map(({ id, name, status, reason }) => ({ id, name, status, reason })),
}))
