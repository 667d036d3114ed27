// The page: language, login or token, examples, and the place to ask and be answered.
import { Access, troubleOf } from "./access.js";
import { Examples } from "./examples.js";
import { upToDate } from "./hub.js";
import { verdict } from "./reading.js";
import { firstLanguage, LANGUAGES, TEXTS } from "./texts.js";
import { Workspace } from "./workspace.js";

const { createElement: h, useCallback, useEffect, useState } = window.React;
const { GraphiQLProvider } = window.GraphiQL.React;

export function Explorer({ examples, hub, login }) {
  const [language, setLanguage] = useState(() => firstLanguage(navigator.languages));
  const [person, setPerson] = useState(login.person);
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

  const begin = useCallback((opened, told = null) => {
    setSession(opened);
    setNotice(told);
    setAnswer(null);
  }, []);

  const meet = useCallback((found, told = null) => {
    setPerson(found);
    setNotice((before) => told ?? before);
  }, []);

  // A person may log in, log in anew or log out in another tab; this one sees it when they come back to it.
  useEffect(() => {
    async function returned() {
      if (document.visibilityState !== "visible") {
        return;
      }
      const before = login.person;
      const found = await login.look();
      if (found?.account_id !== before?.account_id && hub.isOpenBy(login)) {
        hub.forget();
        begin(null, "loginOver");
      }
      setPerson(found);
    }
    document.addEventListener("visibilitychange", returned);
    return () => document.removeEventListener("visibilitychange", returned);
  }, [hub, login, begin]);

  const fetcher = useCallback(
    async (question) => {
      if (!hub.canAsk) {
        setNotice("needRight");
        setAnswer(null);
        document.getElementById("enter")?.focus();
        return {};
      }
      let found;
      try {
        found = await hub.ask(upToDate(question), { lenient });
      } catch (error) {
        hub.forget();
        begin(null, troubleOf(error));
        setPerson(await login.look());
        return {};
      }
      setAnswer(found);
      if (/\bmutation\b/.test(question.query)) {
        setPerson(await login.look()); // a decision may have opened another purpose to the person
      }
      if (verdict(found) === "unauthenticated") {
        hub.forget();
        setSession(null);
        setNotice("tokenRefused");
      }
      return found.body ?? {};
    },
    [hub, login, lenient, begin],
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
      h(Access, {
        key: person?.account_id,
        hub,
        login,
        person,
        t,
        language,
        session,
        notice,
        clientIds: examples.map((example) => example.client_id),
        onSession: begin,
        onPerson: meet,
      }),
      h(Examples, { examples, t, language, onChoose: choose }),
      h(Workspace, { t, session, login, answer, chosen, lenient, onLenient: setLenient }),
    ),
    h("footer", null, h("p", null, t.keepsNothing)),
  );
}
