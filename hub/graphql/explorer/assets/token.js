// The field for the access token, how to get one, and whom it speaks for once the hub has taken it.
import { Refused, TokenMalformed } from "./hub.js";
import { verdict } from "./reading.js";

const { createElement: h, useRef, useState } = window.React;

export function Token({ hub, t, clientIds, session, onSession, notice }) {
  const field = useRef(null);
  const [opening, setOpening] = useState(false);
  const [trouble, setTrouble] = useState(null);

  async function use() {
    const pasted = field.current.value;
    if (pasted.trim() === "") {
      setTrouble("tokenEmpty");
      field.current.focus();
      return;
    }
    setOpening(true);
    setTrouble(null);
    try {
      onSession(await hub.open(pasted));
      field.current.value = "";
    } catch (error) {
      onSession(null);
      setTrouble(troubleOf(error));
      field.current.focus();
    } finally {
      setOpening(false);
    }
  }

  function forget() {
    hub.forget();
    onSession(null);
    setTrouble(null);
    field.current.focus();
  }

  const told = trouble ?? notice;
  return h(
    "section",
    { className: "token", "aria-labelledby": "token-label" },
    h(
      "div",
      { className: "token-entry" },
      h("label", { id: "token-label", htmlFor: "token" }, t.token),
      // No form and no name: nothing here can be submitted, and no browser is led to keep it as a password.
      h("input", {
        id: "token",
        ref: field,
        type: "password",
        autoComplete: "off",
        autoCapitalize: "none",
        spellCheck: false,
        "aria-describedby": "token-hint token-told",
        "aria-invalid": trouble ? true : undefined,
        onKeyDown: (event) => event.key === "Enter" && use(),
      }),
      h(
        "button",
        { type: "button", className: "primary", onClick: use, disabled: opening },
        opening ? t.tokenOpening : t.tokenUse,
      ),
      session && h("button", { type: "button", onClick: forget }, t.tokenForget),
    ),
    h(
      "p",
      { id: "token-hint", className: "hint" },
      t.tokenHint,
      " ",
      h("code", null, `.venv/bin/python -m hub token ${clientIds[0]}`),
    ),
    h("p", { id: "token-told", role: "status", className: "told" }, told ? t[told] : ""),
    session && h(Speaker, { me: session.me, t }),
  );
}

function troubleOf(error) {
  if (error instanceof TokenMalformed) {
    return "tokenMalformed";
  }
  if (error instanceof Refused && verdict(error.answer) === "unauthenticated") {
    return "tokenRefused";
  }
  if (error instanceof Refused) {
    return "tokenFailed";
  }
  throw error;
}

function Speaker({ me, t }) {
  const until = new Intl.DateTimeFormat(t.locale, { timeStyle: "medium" }).format(new Date(me.expiresAt));
  return h(
    "dl",
    { className: "speaker" },
    h("div", null, h("dt", null, t.tokenOf), h("dd", null, [me.clientId, me.agency].filter(Boolean).join(", "))),
    h("div", null, h("dt", null, t.purpose), h("dd", null, me.purpose)),
    h("div", null, h("dt", null, t.validUntil), h("dd", null, h("time", { dateTime: me.expiresAt }, until))),
    h(
      "div",
      { className: "scopes" },
      h("dt", null, t.scopes(me.scopes.length)),
      h("dd", null, me.scopes.map((scope) => h("code", { key: scope }, scope))),
    ),
  );
}
