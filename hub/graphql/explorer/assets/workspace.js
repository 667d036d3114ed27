// GraphiQL's editors in a layout of our own, to be used with a keyboard, on a phone and in two languages.
import { Answer, Verdict } from "./answer.js";

const { createElement: h, useEffect } = window.React;
const { DOC_EXPLORER_PLUGIN, DocExplorer, QueryEditor, ResponseEditor, VariableEditor } = window.GraphiQL.React;
const { useEditorContext, useExecutionContext, usePluginContext, usePrettifyEditors } = window.GraphiQL.React;

export function Workspace({ t, session, login, answer, chosen, lenient, onLenient }) {
  const editors = useEditorContext();
  const { isFetching, run } = useExecutionContext();
  const { visiblePlugin, setVisiblePlugin } = usePluginContext();
  const prettify = usePrettifyEditors();
  const { queryEditor, variableEditor, responseEditor } = editors;

  useAccessible(queryEditor, t.query, "query-hint");
  useAccessible(variableEditor, t.variables, "variables-hint");
  useAccessible(responseEditor, t.answerWhole);

  useEffect(() => {
    if (queryEditor && chosen) {
      queryEditor.setValue(chosen.query);
      variableEditor?.setValue("");
      bringIntoView("query-heading");
    }
  }, [queryEditor, chosen]);

  const shown = answer !== null && answer.body !== null && !isFetching;
  useEffect(() => {
    if (shown) {
      responseEditor?.refresh(); // it measures nothing while it is hidden, as it is while a query runs
    }
  }, [shown, responseEditor]);

  useEffect(() => {
    if (answer !== null) {
      bringIntoView("answer-heading");
    }
  }, [answer]);

  const operations = queryEditor?.operations ?? [];
  return h(
    "div",
    { className: `workspace graphiql-container${visiblePlugin ? " with-schema" : ""}` },
    h(
      "section",
      { className: "question", "aria-labelledby": "query-heading" },
      h("h2", { id: "query-heading" }, t.query),
      h(
        "div",
        { className: "bar" },
        h(
          "button",
          { type: "button", className: "primary", onClick: run, disabled: isFetching },
          isFetching ? t.running : t.run,
        ),
        operations.length > 1 && h(Operation, { operations, t, editors }),
        h("button", { type: "button", onClick: prettify }, t.prettify),
        h(
          "button",
          {
            type: "button",
            "aria-expanded": Boolean(visiblePlugin),
            "aria-controls": "schema",
            disabled: !session,
            onClick: () => setVisiblePlugin(visiblePlugin ? null : DOC_EXPLORER_PLUGIN),
          },
          visiblePlugin ? t.schemaClosed : t.schema,
        ),
        h(
          "label",
          { className: "lenient" },
          h("input", {
            type: "checkbox",
            checked: lenient,
            onChange: (event) => onLenient(event.target.checked),
          }),
          t.lenient,
        ),
      ),
      h("p", { id: "query-hint", className: "hint" }, t.queryHint),
      h("div", { className: "editor query", id: "query", tabIndex: -1 }, h(QueryEditor)),
      h("h3", null, t.variables),
      h("p", { id: "variables-hint", className: "hint" }, t.variablesHint),
      h("div", { className: "editor variables" }, h(VariableEditor)),
    ),
    h(
      "section",
      { className: "schema", id: "schema", hidden: !visiblePlugin, "aria-label": t.schema, lang: "en" },
      visiblePlugin && h(DocExplorer),
    ),
    h(
      "section",
      { className: "answer", "aria-labelledby": "answer-heading" },
      h(
        "div",
        { className: "answer-head" },
        h("h2", { id: "answer-heading" }, t.answer),
        h(Verdict, { answer, asking: isFetching, t }),
      ),
      !isFetching && h(Answer, { answer, t, session, login }),
      h(
        "div",
        { hidden: !shown },
        h("h3", null, t.answerWhole),
        h("div", { className: "editor response" }, h(ResponseEditor)),
      ),
    ),
  );
}

function Operation({ operations, t, editors }) {
  const names = operations.map((operation) => operation.name?.value).filter(Boolean);
  return h(
    "label",
    { className: "operation" },
    t.operation,
    h(
      "select",
      {
        value: editors.queryEditor.operationName ?? "",
        onChange: (event) => editors.setOperationName(event.target.value),
      },
      names.map((name) => h("option", { key: name, value: name }, name)),
    ),
  );
}

/** On a phone the parts stand below each other: what was asked for is brought to where the person looks. */
function bringIntoView(id) {
  if (matchMedia("(max-width: 900px)").matches) {
    document.getElementById(id).scrollIntoView();
  }
}

/** Names the editor to screen readers, and lets Tab leave it instead of indenting (WCAG 2.1.2). */
function useAccessible(editor, label, hint) {
  useEffect(() => {
    if (!editor) {
      return;
    }
    const input = editor.getInputField();
    input.setAttribute("aria-label", label);
    if (hint) {
      input.setAttribute("aria-describedby", hint);
    }
    editor.setOption("extraKeys", { ...editor.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
    // The verdict is told instead; the whole JSON read aloud would drown it.
    editor.getWrapperElement().closest("[aria-live]")?.setAttribute("aria-live", "off");
  }, [editor, label, hint]);
}
