// The hub as this page talks to it, and the one place that holds the access token.

const { buildClientSchema, getIntrospectionQuery, GraphQLError, Kind, parse } = window.GraphiQL.GraphQL;

const ENDPOINT = "/graphql";
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

export class Hub {
  /** In memory and nowhere else: gone with the page, and out of reach of any other script. */
  #token = null;

  get hasToken() {
    return this.#token !== null;
  }

  forget() {
    this.#token = null;
  }

  /**
   * Who the token speaks for and the schema it may read; from here on every question carries it.
   * Throws TokenMalformed or Refused, and then has no token.
   */
  async open(pasted) {
    const token = pasted.trim().replace(/^(Authorization:\s*)?Bearer\s+/i, "");
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new TokenMalformed();
    }
    this.#token = token;
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
   * An answer: { status, body, milliseconds }. Lenient: closed fields are left out of it. Status 0: the hub was not reached; body null: it is not JSON.
   */
  async ask(question, { lenient = false } = {}) {
    const started = performance.now();
    let status = 0;
    let body = null;
    try {
      const response = await fetch(ENDPOINT, {
        method: "POST",
        headers: {
          Accept: "application/graphql-response+json, application/json;q=0.9",
          Authorization: `Bearer ${this.#token}`,
          "Content-Type": "application/json",
          ...(lenient && { Prefer: "handling=lenient" }),
        },
        body: JSON.stringify(question),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      status = response.status;
      body = await response.json();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) {
        throw error;
      }
    }
    return { status, body, milliseconds: performance.now() - started };
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
