// Keys of clients as WebCrypto has them.
const algorithms = {
  OKP: { name: 'Ed25519' },
  EC: { name: 'ECDSA', namedCurve: 'P-256' },
  RSA: { name: 'RSA-PSS', hash: 'SHA-256' },
}

export async function privateKey({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi }) {
  return crypto.subtle.importKey(
    'jwk', { kty, crv, x, y, d, n, e, p, q, dp, dq, qi }, algorithms[kty], false, ['sign'])
}

export async function read(stream) {
  return JSON.parse(await new Response(stream).text())
}
