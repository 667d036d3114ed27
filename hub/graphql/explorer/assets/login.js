// The login of the person at this page: who it is, for what they may ask, and tokens that renew themselves.
// The cookie is the browser's alone; what this page holds is a token that is worth nothing without the page's key.
import { ProofKey } from "./dpop.js";
import { challengeOf } from "./reading.js";

const SESSION = "/oauth/session";
const TOKEN = "/oauth/session/token";
const LOGOUT = "/oauth/logout";
const HERE = "/graphql";
const DONE = "/oauth/login/done";
const MARGIN_MS = 30_000;
const MOST_TRIES = 3;
const OF_PROOF = ["use_dpop_nonce", "invalid_dpop_proof"];

/** There is no login any more, or it is another person's. */
export class LoginOver extends Error {}

/** The hub gives no token for that purpose; `word` is the error of OAuth2. */
export class PurposeRefused extends Error {
  constructor(word) {
    super("refused");
    this.word = word;
  }
}

export class Login {
  /** As the hub tells it; null where nobody has logged in. */
  person = null;
  #places = { login_uri: "/oauth/login" };
  #key = null;
  #purpose = null;
  #token = null;
  #renewAt = 0;
  #nonce = null;
  #ahead = 0;

  /** Who has logged in by now, or null. What was held for a login that is not this one any more is dropped. */
  async look() {
    const told = await this.#session();
    if (told === null) {
      return this.person; // a hub that does not answer has not logged anybody out
    }
    const { person, ...places } = told;
    if (person?.account_id !== this.person?.account_id) {
      this.forget();
    } else if (person?.authenticated_at !== this.person?.authenticated_at) {
      this.#token = null; // it speaks of the login before
    }
    this.#places = places;
    this.person = person;
    return person;
  }

  /** Where to log in and come back from, to this page. */
  get uri() {
    return `${this.#places.login_uri}?${new URLSearchParams({ return_to: HERE })}`;
  }

  /** Where to log in anew as a challenge of the hub asks, in a tab of its own, so that what is written here stays. */
  uriFor({ max_age, acr_values }) {
    const maxAge = acr_values ? "0" : (max_age ?? "0");
    return `${this.#places.login_uri}?${new URLSearchParams({ return_to: DONE, max_age: maxAge })}`;
  }

  /** From here on questions are asked for that purpose. Throws LoginOver or PurposeRefused. */
  async choose(purpose) {
    this.forget();
    this.#key = await ProofKey.make();
    this.#purpose = purpose;
    await this.#renew();
  }

  /** No token and no key are held; the login stands. */
  forget() {
    this.#key = null;
    this.#purpose = null;
    this.#token = null;
  }

  /** The login has ended, at every replica, and every token with it. Throws TypeError where the hub was not reached. */
  async leave() {
    this.forget();
    await fetch(LOGOUT, { method: "POST", credentials: "same-origin", redirect: "error" });
    await this.look();
  }

  /** What a question carries; the token is renewed before it ends. Throws LoginOver or PurposeRefused. */
  async headers() {
    if (this.#token === null || Date.now() >= this.#renewAt) {
      await this.#renew();
    }
    const proof = await this.#proof(this.#places.resource, this.#token);
    return { Authorization: `DPoP ${this.#token}`, DPoP: proof };
  }

  /** True if the question was not taken for a reason that a new proof or a new token mends. */
  isToBeAskedAgain(response) {
    this.#hear(response);
    const { error } = challengeOf(response);
    if (error === "invalid_token") {
      this.#token = null;
    }
    return error === "invalid_token" || OF_PROOF.includes(error);
  }

  async #session() {
    try {
      const response = await fetch(SESSION, { credentials: "same-origin", cache: "no-store", redirect: "error" });
      this.#hear(response);
      return response.ok ? await response.json() : null;
    } catch (error) {
      if (error instanceof TypeError) {
        return null;
      }
      throw error;
    }
  }

  async #renew() {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const response = await fetch(TOKEN, {
        method: "POST",
        headers: { DPoP: await this.#proof(this.#places.token_endpoint) },
        body: new URLSearchParams({ account_id: this.person.account_id, purpose: this.#purpose }),
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error",
      });
      this.#hear(response);
      const told = await response.json();
      if (response.ok) {
        this.#token = told.access_token;
        this.#renewAt = Date.now() + told.expires_in * 1000 - MARGIN_MS;
        return;
      }
      if (told.error === "login_required") {
        this.forget();
        throw new LoginOver();
      }
      if (!OF_PROOF.includes(told.error)) {
        throw new PurposeRefused(told.error);
      }
    }
    throw new PurposeRefused("invalid_dpop_proof");
  }

  #proof(url, token = null) {
    const issuedAt = Date.now() + this.#ahead;
    return this.#key.prove({ method: "POST", url, issuedAt, nonce: this.#nonce, token });
  }

  /** Each answer brings the nonce of the next proof, and the hub's time: a clock that is wrong shuts nobody out. */
  #hear(response) {
    this.#nonce = response.headers.get("DPoP-Nonce") ?? this.#nonce;
    const told = Date.parse(response.headers.get("Date"));
    if (!Number.isNaN(told)) {
      this.#ahead = told - Date.now();
    }
  }
}
