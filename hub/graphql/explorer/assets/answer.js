// An answer beside its JSON: the verdict, which fields are closed, what else is wrong, and how fresh the data are.
import { closed, isLoginTooOld, others, verdict, wanted } from "./reading.js";

const { createElement: h, Fragment } = window.React;

export function Answer({ answer, t, session, login }) {
  if (answer === null) {
    return h("p", { className: "empty" }, session ? t.emptyReady : t.emptyNoRight);
  }
  const { body } = answer;
  const shut = closed(body);
  const wrong = others(body);
  return h(
    Fragment,
    null,
    isLoginTooOld(answer) && h(LogInAnew, { challenge: answer.challenge, t, login, person: session?.person }),
    shut.length > 0 && h(Closed, { shut, t, whole: !body.data }),
    wrong.length > 0 && h(Wrong, { wrong, t }),
    body?.extensions && h(Facts, { answer, t }),
  );
}

/** The verdict in one line, told to screen readers when it changes. */
export function Verdict({ answer, asking, t }) {
  const found = answer && verdict(answer);
  const kind = found === null ? "" : ["answered", "partial"].includes(found) ? "good" : "bad";
  return h(
    "p",
    { role: "status", className: `verdict ${asking ? "" : kind}` },
    asking ? t.running : found ? t.verdicts[found] : "",
  );
}

/** In a tab of its own: this page would forget the query. */
function LogInAnew({ challenge, t, login, person }) {
  return h(
    "section",
    { className: "closed", "aria-labelledby": "anew-heading" },
    h("h3", { id: "anew-heading" }, t.loginTooOld),
    h("p", null, person ? t.loginAnewWhy : t.loginAnewElsewhere),
    person &&
      h(
        "p",
        null,
        h("a", { className: "button", href: login.uriFor(challenge), target: "_blank", rel: "noopener" }, t.loginAnew),
      ),
  );
}

function Closed({ shut, t, whole }) {
  const scopes = wanted(shut);
  return h(
    "section",
    { className: "closed", "aria-labelledby": "closed-heading" },
    h("h3", { id: "closed-heading" }, t.closedFields),
    h("p", null, whole ? t.refusedWhole : t.leftOut),
    h(
      "table",
      null,
      h(Heads, { texts: [t.field, t.opensWith] }),
      h(
        "tbody",
        null,
        shut.map(({ coordinate, requiresScopes, allowedPurposes }) =>
          h(
            "tr",
            { key: coordinate },
            h("th", { scope: "row" }, asCode(coordinate)),
            h(
              "td",
              null,
              joined(requiresScopes.map((alternative) => every(alternative, t)), ` ${t.or} `),
              allowedPurposes.length > 0 &&
                h("div", null, t.forPurpose, " ", joined(allowedPurposes.map(asCode), ` ${t.or} `)),
            ),
          ),
        ),
      ),
    ),
    scopes.length > 0 && h("p", null, t.askFor, " ", every(scopes, t), ` ${t.at} `, asCode(shut[0].requestAt)),
    shut.some(({ allowedPurposes }) => allowedPurposes.length > 0) && h("p", null, t.otherPurpose),
  );
}

function Wrong({ wrong, t }) {
  return h(
    "section",
    { className: "wrong", "aria-labelledby": "wrong-heading" },
    h("h3", { id: "wrong-heading" }, t.errors),
    h(
      "ul",
      null,
      wrong.map(({ code, message, line, path, requestId }, index) =>
        h(
          "li",
          { key: index },
          asCode(code),
          " ",
          message,
          line !== undefined && ` (${t.line(line)})`,
          path !== undefined && h(Fragment, null, " ", asCode(path)),
          requestId !== undefined && h(Fragment, null, " ", t.request, " ", asCode(requestId)),
        ),
      ),
    ),
  );
}

function Facts({ answer, t }) {
  const { freshness = [], plan } = answer.body.extensions;
  const milliseconds = new Intl.NumberFormat(t.locale, { maximumFractionDigits: 0 }).format(answer.milliseconds);
  return h(
    "section",
    { className: "facts", "aria-labelledby": "facts-heading" },
    h("h3", { id: "facts-heading" }, t.freshness),
    freshness.length === 0
      ? h("p", null, t.noAgency)
      : h(
          "table",
          null,
          h(Heads, { texts: [t.agency, t.completeAt] }),
          h(
            "tbody",
            null,
            freshness.map(({ agency, lastCompleteAt }) =>
              h(
                "tr",
                { key: agency },
                h("th", { scope: "row" }, agency),
                h("td", null, moment(lastCompleteAt, t)),
              ),
            ),
          ),
        ),
    h(
      "dl",
      null,
      h("div", null, h("dt", null, t.plan), h("dd", null, t.plans[plan] ?? plan)),
      h("div", null, h("dt", null, t.took), h("dd", null, `${milliseconds} ms`)),
    ),
  );
}

function Heads({ texts }) {
  const cells = texts.map((text) => h("th", { key: text, scope: "col" }, text));
  return h("thead", null, h("tr", null, cells));
}

function moment(text, t) {
  if (!text) {
    return t.never;
  }
  const shown = new Intl.DateTimeFormat(t.locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  return h("time", { dateTime: text }, shown.format(new Date(text)));
}

/** Text of a machine, which may break after a dot or a colon and so fits a phone. */
function asCode(text) {
  return h("code", null, joined(text.split(/(?<=[.:])/), h("wbr")));
}

function every(scopes, t) {
  return joined(scopes.map(asCode), ` ${t.and} `);
}

/** The parts with something between each two. */
function joined(parts, between) {
  return parts.map((part, index) => h(Fragment, { key: index }, index > 0 && between, part));
}
