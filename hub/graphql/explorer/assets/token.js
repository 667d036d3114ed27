// The field for the access token of a system, and how to get one.
import { Pasted, Refused, TokenMalformed } from "./hub.js";
import { verdict } from "./reading.js";

const { createElement: h, Fragment, useRef, useState } = window.React;

export function Token({ hub, t, clientIds, session, onSession }) {
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
      hub.forget();
      onSession(await hub.open(new Pasted(pasted)));
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

  return h(
    Fragment,
    null,
    h(
      "div",
      { className: "access-entry" },
      h("label", { htmlFor: "token" }, t.token),
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
      h("button", { type: "button", onClick: use, disabled: opening }, opening ? t.tokenOpening : t.tokenUse),
      session && !session.person && h("button", { type: "button", onClick: forget }, t.tokenForget),
    ),
    h(
      "p",
      { id: "token-hint", className: "hint" },
      t.tokenHint,
      " ",
      h("code", null, `.venv/bin/python -m hub token ${clientIds[0]}`),
    ),
    h("p", { id: "token-told", role: "status", className: "told" }, trouble ? t[trouble] : ""),
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
