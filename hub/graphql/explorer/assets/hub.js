// The hub as this page talks to it. By whose right, a login's or a pasted token's, is told by what it was opened with.
import { challengeOf } from "./reading.js";

const { buildClientSchema, getIntrospectionQuery, GraphQLError, Kind, parse } = window.GraphiQL.GraphQL;

const ENDPOINT = "/graphql";
const MOST_TRIES = 3;
const ME = "query WhoAmI { me { clientId agency purpose jurisdiction scopes expiresAt } }";

/** The text is no token: it has a character that no header may carry. */
export class TokenMalformed extends Error {}

/** The hub did not take a question; `answer` says why. */
export class Refused extends Error {
  constructor(answer) {
    super("refused");
    this.answer = answer;
  }
}

/** A token that a system was given, as its people paste it. In memory and nowhere else: gone with the page. */
export class Pasted {
  #token;

  /** Throws TokenMalformed. */
  constructor(pasted) {
    this.#token = pasted.trim().replace(/^(Authorization:\s*)?Bearer\s+/i, "");
    if (!/^[\x21-\x7e]+$/.test(this.#token)) {
      throw new TokenMalformed();
    }
  }

  async headers() {
    return { Authorization: `Bearer ${this.#token}` };
  }

  isToBeAskedAgain() {
    return false;
  }

  forget() {
    this.#token = "";
  }
}

export class Hub {
  /** A Login with a purpose, or a Pasted token; null where nothing can be asked. */
  #right = null;

  get canAsk() {
    return this.#right !== null;
  }

  /** True where questions are asked by that right. */
  isOpenBy(right) {
    return this.#right === right;
  }

  forget() {
    this.#right?.forget();
    this.#right = null;
  }

  /**
   * Who may ask and the schema; from here on every question is asked by that right.
   * Throws Refused, or what the right throws, and then nothing can be asked.
   */
  async open(right) {
    this.#right = right;
    try {
      const { me } = await this.#data(ME);
      const schema = buildClientSchema(await this.#data(getIntrospectionQuery()));
      return { me, schema };
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /**
   * An answer: { status, body, challenge, milliseconds }. Lenient: closed fields are left out of it. Status 0: the hub was not reached;
   * body null: it is not JSON; challenge: what a refusal asks of the token. Throws what the right throws.
   */
  async ask(question, { lenient = false } = {}) {
    const started = performance.now();
    let status = 0;
    let body = null;
    let challenge = {};
    try {
      const response = await this.#sent(question, lenient);
      status = response.status;
      challenge = challengeOf(response);
      body = await response.json();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) {
        throw error;
      }
    }
    return { status, body, challenge, milliseconds: performance.now() - started };
  }

  async #sent(question, lenient) {
    for (let tries = 1; ; tries++) {
      const response = await fetch(ENDPOINT, {
        method: "POST",
        headers: {
          Accept: "application/graphql-response+json, application/json;q=0.9",
          "Content-Type": "application/json",
          ...(await this.#right.headers()),
          ...(lenient && { Prefer: "handling=lenient" }),
        },
        body: JSON.stringify(question),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      if (!this.#right.isToBeAskedAgain(response) || tries === MOST_TRIES) {
        return response;
      }
    }
  }

  async #data(query) {
    const answer = await this.ask({ query });
    if (!answer.body?.data) {
      throw new Refused(answer);
    }
    return answer.body.data;
  }
}

/**
 * The question without a name that is none of its operations: whoever runs what was typed a moment ago
 * is faster than the editor, which still names the operation that was there before.
 */
export function upToDate({ query, variables, operationName }) {
  return { query, variables, operationName: operationsOf(query).includes(operationName) ? operationName : undefined };
}

function operationsOf(query) {
  try {
    return parse(query)
      .definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((operation) => operation.name?.value);
  } catch (error) {
    if (error instanceof GraphQLError) {
      return []; // the hub says what is wrong with it, and where
    }
    throw error;
  }
}
