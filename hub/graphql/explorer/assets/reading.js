// What an answer means to a person: its verdict, the scopes that are missing, and the other errors.

/** One of: answered, partial, forbidden, unauthenticated, invalid, failed, unreachable. */
export function verdict({ status, body }) {
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
    return "unauthenticated";
  }
  if (codes.includes("FORBIDDEN")) {
    return "forbidden";
  }
  return codes.includes("INTERNAL") ? "failed" : "invalid";
}

/** Fields that the token does not open: [{ coordinate, requiresScopes, requestAt }]. */
export function missing(body) {
  return errorsOf(body)
    .map((error) => error.extensions)
    .filter((extensions) => Array.isArray(extensions?.requiresScopes));
}

/** The scopes that would open all of them, by the first alternative of each. */
export function wanted(closed) {
  return [...new Set(closed.flatMap(({ requiresScopes }) => requiresScopes[0] ?? []))].sort();
}

/** Errors that no scope would mend: [{ code, message, place }]. */
export function others(body) {
  return errorsOf(body)
    .filter((error) => !Array.isArray(error.extensions?.requiresScopes))
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
