// By what right the person asks: their login and a purpose, or a token of a system; and whom that speaks for.
import { LoginOver, PurposeRefused } from "./login.js";
import { Refused } from "./hub.js";
import { Token } from "./token.js";

const { createElement: h, Fragment, useState } = window.React;

export function Access({ hub, login, person, t, language, clientIds, session, notice, onSession, onPerson }) {
  return h(
    "section",
    { className: "access", "aria-labelledby": "access-heading" },
    h("h2", { id: "access-heading" }, person ? t.loggedIn : t.logIn),
    person
      ? h(Purposes, { hub, login, person, t, language, onSession, onPerson })
      : h(
          Fragment,
          null,
          h("p", { className: "hint" }, t.logInHint),
          h("p", null, h("a", { id: "enter", className: "button primary", href: login.uri }, t.logIn)),
        ),
    h("p", { id: "access-told", role: "status", className: "told" }, notice ? t[notice] : ""),
    h(
      "details",
      null,
      h("summary", null, t.tokenOfSystem),
      h(Token, { hub, t, clientIds, session, onSession }),
    ),
    session && h(Speaker, { session, t, language }),
  );
}

/** A person asks for one purpose at a time; which ones there are is told by their grants. */
function Purposes({ hub, login, person, t, language, onSession, onPerson }) {
  const [word, setWord] = useState(person.purposes[0]?.word ?? "");
  const [opening, setOpening] = useState(false);

  async function begin() {
    const purpose = person.purposes.find((one) => one.word === word);
    setOpening(true);
    try {
      await login.choose(word);
      onSession({ ...(await hub.open(login)), person, purpose });
    } catch (error) {
      hub.forget();
      onSession(null, troubleOf(error));
      if (error instanceof LoginOver) {
        onPerson(await login.look());
      }
    } finally {
      setOpening(false);
    }
  }

  async function leave() {
    hub.forget();
    onSession(null);
    try {
      await login.leave();
      onPerson(login.person, login.person ? "tokenFailed" : "loggedOut");
    } catch (error) {
      onPerson(login.person, troubleOf(error));
    }
  }

  return h(
    Fragment,
    null,
    h("p", null, [person.title, person.agency_name[language]].filter(Boolean).join(", ")),
    h(
      "div",
      { className: "access-entry" },
      person.purposes.length > 0 &&
        h(
          Fragment,
          null,
          h("label", { htmlFor: "enter" }, t.purpose),
          h(
            "select",
            { id: "enter", value: word, onChange: (event) => setWord(event.target.value) },
            person.purposes.map((one) => h("option", { key: one.word, value: one.word }, one.name[language])),
          ),
          h(
            "button",
            { type: "button", className: "primary", onClick: begin, disabled: opening },
            opening ? t.tokenOpening : t.purposeUse,
          ),
        ),
      h("button", { type: "button", onClick: leave }, t.logOut),
    ),
    h("p", { className: "hint" }, person.purposes.length > 0 ? t.purposeHint : t.purposeNone),
  );
}

/** The name of what is told to the person; what nobody expects is thrown on. */
export function troubleOf(error) {
  if (error instanceof LoginOver) {
    return "loginOver";
  }
  if (error instanceof PurposeRefused) {
    return "purposeRefused";
  }
  if (error instanceof Refused || error instanceof TypeError) {
    return "tokenFailed";
  }
  throw error;
}

function Speaker({ session, t, language }) {
  const { me, person, purpose } = session;
  const until = person ? person.expires_at : me.expiresAt;
  const shown = new Intl.DateTimeFormat(t.locale, { timeStyle: "medium" }).format(new Date(until));
  const who = person ? [person.title, me.agency] : [me.clientId, me.agency];
  return h(
    "dl",
    { className: "speaker" },
    h("div", null, h("dt", null, person ? t.asksAs : t.tokenOf), h("dd", null, who.filter(Boolean).join(", "))),
    h("div", null, h("dt", null, t.purpose), h("dd", null, purpose ? purpose.name[language] : me.purpose)),
    h(
      "div",
      null,
      h("dt", null, person ? t.loginUntil : t.validUntil),
      h("dd", null, h("time", { dateTime: until }, shown)),
    ),
    h(
      "div",
      { className: "scopes" },
      h("dt", null, t.scopes(me.scopes.length)),
      h("dd", null, me.scopes.map((scope) => h("code", { key: scope }, scope))),
    ),
  );
}
