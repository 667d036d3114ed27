// The page: language, token, examples, and the place to ask and be answered.
import { Examples } from "./examples.js";
import { upToDate } from "./hub.js";
import { verdict } from "./reading.js";
import { firstLanguage, LANGUAGES, TEXTS } from "./texts.js";
import { Token } from "./token.js";
import { Workspace } from "./workspace.js";

const { createElement: h, useCallback, useEffect, useState } = window.React;
const { GraphiQLProvider } = window.GraphiQL.React;

export function Explorer({ examples, hub }) {
  const [language, setLanguage] = useState(() => firstLanguage(navigator.languages));
  const [session, setSession] = useState(null);
  const [notice, setNotice] = useState(null);
  const [answer, setAnswer] = useState(null);
  const [chosen, setChosen] = useState(null);
  const [lenient, setLenient] = useState(false);
  const t = TEXTS[language];

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t.title;
  }, [language, t]);

  const begin = useCallback((opened) => {
    setSession(opened);
    setNotice(null);
    setAnswer(null);
  }, []);

  const fetcher = useCallback(
    async (question) => {
      if (!hub.hasToken) {
        setNotice("needToken");
        setAnswer(null);
        document.getElementById("token").focus();
        return {};
      }
      const found = await hub.ask(upToDate(question), { lenient });
      setAnswer(found);
      if (verdict(found) === "unauthenticated") {
        hub.forget();
        setSession(null);
        setNotice("tokenRefused");
      }
      return found.body ?? {};
    },
    [hub, lenient],
  );

  function choose(example) {
    setChosen({ ...example });
    setAnswer(null);
  }

  return h(
    GraphiQLProvider,
    {
      defaultQuery: examples[0].query,
      fetcher,
      // A run sends what is written: nothing is filled in on the way.
      getDefaultFieldNames: () => [],
      schema: session?.schema ?? null,
      shouldPersistHeaders: false,
      // None at all: a query may hold a person's number, and nothing of it may reach a disk.
      storage: null,
    },
    h("a", { className: "skip", href: "#query" }, t.skip),
    h(
      "header",
      null,
      h("div", null, h("h1", null, "TPPO hub ", h("span", null, t.heading)), h("p", null, t.lead)),
      h(
        "div",
        { className: "languages", role: "group", "aria-label": t.language },
        Object.entries(LANGUAGES).map(([code, name]) =>
          h(
            "button",
            {
              key: code,
              type: "button",
              lang: code,
              "aria-pressed": code === language,
              onClick: () => setLanguage(code),
            },
            name,
          ),
        ),
      ),
    ),
    h(
      "main",
      null,
      h(Token, {
        hub,
        t,
        session,
        notice,
        clientIds: examples.map((example) => example.client_id),
        onSession: begin,
      }),
      h(Examples, { examples, t, language, onChoose: choose }),
      h(Workspace, { t, session, answer, chosen, lenient, onLenient: setLenient }),
    ),
    h("footer", null, h("p", null, t.keepsNothing)),
  );
}
