// The proxy that HUB_MTLS_URL names: it ends TLS, asks for a client's certificate, and hands it over (RFC 9440). It takes what a
// client says in the two headers away. Started with one argument, a JSON of {hub, secret, cert, key}; writes its port.
import { request } from 'node:http'
import { createServer } from 'node:https'

const { hub, secret, cert, key } = JSON.parse(process.argv[2])
const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (incoming, outgoing) => {
  const { 'client-cert': _, 'hub-proxy-secret': __, ...headers } = incoming.headers
  const { raw } = incoming.socket.getPeerCertificate()
  if (raw) Object.assign(headers, { 'client-cert': `:${raw.toString('base64')}:`, 'hub-proxy-secret': secret })
  // Without an agent, since the hub may end a connection just as it is used again.
  const options = { method: incoming.method, headers, agent: false }
  const onward = request(new URL(incoming.url, hub), options, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.writeHead(502).end())
  incoming.pipe(onward)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
