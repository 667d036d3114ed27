// Queries to try, one for each kind of user.

const { createElement: h } = window.React;

export function Examples({ examples, t, language, onChoose }) {
  return h(
    "section",
    { className: "examples", "aria-labelledby": "examples-heading" },
    h("h2", { id: "examples-heading" }, t.examples),
    h(
      "ul",
      null,
      examples.map((example) =>
        h(
          "li",
          { key: example.client_id },
          h("h3", { id: `example-${example.client_id}` }, example.who[language]),
          h("p", null, example.what[language]),
          h(
            "p",
            { className: "hint" },
            `${t.exampleLogin}: ${example.office}. ${t.exampleToken}: `,
            h("code", null, `.venv/bin/python -m hub token ${example.client_id}`),
          ),
          h(
            "button",
            {
              type: "button",
              "aria-describedby": `example-${example.client_id}`,
              onClick: () => onChoose(example),
            },
            t.exampleLoad,
          ),
        ),
      ),
    ),
  );
}
