// What an answer means to a person: its verdict, the fields that are closed and what opens them, and the other errors.

/** What a refusal asks of the token (RFC 9449, RFC 9470): { error, max_age, acr_values }, as far as it says. */
export function challengeOf(response) {
  const told = response.headers.get("WWW-Authenticate") ?? "";
  return Object.fromEntries([...told.matchAll(/\b(error|max_age|acr_values)="([^"]*)"/g)].map(([, ...pair]) => pair));
}

/** True for an answer that a login would open which is newer or stronger. */
export function isLoginTooOld({ challenge }) {
  return challenge?.error === "insufficient_user_authentication";
}

/** One of: answered, partial, forbidden, purpose, refused, loginTooOld, unauthenticated, invalid, failed, unreachable. */
export function verdict(answer) {
  const { status, body } = answer;
  if (status === 0) {
    return "unreachable";
  }
  if (body === null || typeof body !== "object") {
    return "failed";
  }
  const codes = errorsOf(body).map((error) => error.extensions?.code);
  if (codes.length === 0) {
    return "answered";
  }
  if (body.data) {
    return "partial";
  }
  if (codes.includes("UNAUTHENTICATED")) {
    return isLoginTooOld(answer) ? "loginTooOld" : "unauthenticated";
  }
  const found = closed(body);
  if (found.length > 0) {
    return wanted(found).length > 0 ? "forbidden" : "purpose";
  }
  if (codes.includes("FORBIDDEN") || codes.includes("CONFLICT")) {
    return "refused";
  }
  return codes.includes("INTERNAL") ? "failed" : "invalid";
}

/** Fields that the token does not open, each once: [{ coordinate, requiresScopes, allowedPurposes, requestAt }]. */
export function closed(body) {
  const found = new Map();
  for (const error of errorsOf(body).filter(isClosing)) {
    const { coordinate, requiresScopes, allowedPurposes, requestAt } = error.extensions;
    const before = found.get(coordinate);
    found.set(coordinate, {
      coordinate,
      requiresScopes: requiresScopes ?? before?.requiresScopes ?? [],
      allowedPurposes: allowedPurposes ?? before?.allowedPurposes ?? [],
      requestAt,
    });
  }
  return [...found.values()];
}

/** The scopes that would open all of them, by the first alternative of each. */
export function wanted(fields) {
  return [...new Set(fields.flatMap(({ requiresScopes }) => requiresScopes[0] ?? []))].sort();
}

function isClosing({ extensions }) {
  return Array.isArray(extensions?.requiresScopes) || Array.isArray(extensions?.allowedPurposes);
}

/** Errors that neither a scope nor a purpose would mend: [{ code, message, place }]. */
export function others(body) {
  return errorsOf(body)
    .filter((error) => !isClosing(error))
    .map(({ message, extensions, locations, path }) => ({
      code: extensions?.code ?? "",
      message,
      requestId: extensions?.requestId,
      line: locations?.[0]?.line,
      path: path?.length ? path.join(".") : undefined,
    }));
}

function errorsOf(body) {
  return Array.isArray(body?.errors) ? body.errors : [];
}
