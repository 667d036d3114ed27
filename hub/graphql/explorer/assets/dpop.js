// A key that never leaves the browser, and its proofs: one signed statement for each request (RFC 9449).

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

export class ProofKey {
  #privateKey;
  #header;

  constructor(privateKey, header) {
    this.#privateKey = privateKey;
    this.#header = header;
  }

  /** A new key. Nothing can read its private part, this page included. */
  static async make() {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    return new ProofKey(pair.privateKey, encoded({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } }));
  }

  /** The proof of one request: issuedAt in ms since 1970, nonce as the hub gave it last, token where one is shown. */
  async prove({ method, url, issuedAt, nonce, token }) {
    const claims = {
      htm: method,
      htu: url,
      iat: Math.floor(issuedAt / 1000),
      jti: base64url(crypto.getRandomValues(new Uint8Array(24))),
      ...(nonce && { nonce }),
      ...(token && { ath: await digest(token) }),
    };
    const signed = `${this.#header}.${encoded(claims)}`;
    const signature = await crypto.subtle.sign(SIGNATURE, this.#privateKey, bytes(signed));
    return `${signed}.${base64url(new Uint8Array(signature))}`;
  }
}

async function digest(text) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text))));
}

function encoded(value) {
  return base64url(bytes(JSON.stringify(value)));
}

function bytes(text) {
  return new TextEncoder().encode(text);
}

function base64url(octets) {
  return btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
