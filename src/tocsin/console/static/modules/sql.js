// Completes and colours the editor of queries, by the copy of CodeMirror that NiceGUI has loaded.
import * as CM from "nicegui-codemirror";

// CodeMirror's own style names the tags of tokens, each by its colour; pages.css has ours.
const KINDS = { "#708": "keyword", "#219": "atom", "#164": "number", "#a11": "text", "#085": "type", "#940": "comment" };
const PLACE = /\b(?:FROM|JOIN)\s+$/i;
const COMMON = /\b([A-Za-z_]\w*)\s+AS\s*\(/gi;
const ALIAS = /\bAS\s+([A-Za-z_]\w*)/gi;

const found = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((each) => each[1]))];

const called = (name, bare) => (view, _, from, to) => {
  const open = view.state.sliceDoc(to, to + 1) === "(";
  const insert = open ? name : `${name}()`;
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + name.length + (bare && !open ? 2 : 1) } });
};

function completing({ keywords, functions, tables, columns }) {
  const calls = functions.map(({ name, example, bare }) => ({
    label: name, type: "function", info: example, apply: called(name, bare),
  }));
  const fields = columns.map(({ name, type, help }) => ({ label: name, type: "property", detail: type, info: help, boost: 2 }));
  const places = tables.map(({ name, help }) => ({ label: name, type: "class", info: help }));
  const words = keywords.map((label) => ({ label, type: "keyword", boost: 1 }));
  return (context) => {
    const node = CM.syntaxTree(context.state).resolveInner(context.pos, -1).name;
    if (/String|Comment|Quoted/.test(node)) return null;
    const word = context.matchBefore(/\w*/);
    const before = context.state.sliceDoc(0, word.from);
    const owner = before.match(/([\w]+)\.$/)?.[1];
    const validFor = /^\w*$/;
    if (owner) {
      const options = owner.toUpperCase() === "SAFE" ? calls : owner === "fields" ? [] : fields;
      return { from: word.from, options, validFor };
    }
    if (word.from === word.to && !context.explicit) return null;
    if (/^\d/.test(word.text)) return null;
    const text = context.state.doc.toString();
    const common = found(text, COMMON).map((label) => ({ label, type: "class", detail: "WITH" }));
    if (PLACE.test(before)) return { from: word.from, options: [...places, ...common], validFor };
    const named = found(text, ALIAS).filter((name) => !(word.text && name === word.text));
    const aliases = named.map((label) => ({ label, type: "variable", detail: "AS", boost: 2 }));
    return { from: word.from, options: [...fields, ...aliases, ...words, ...calls, ...places, ...common], validFor };
  };
}

const listed = (view) => view.dom.querySelector(".cm-tooltip-autocomplete") !== null;
const enter = (view) => CM.runScopeHandlers(view, new KeyboardEvent("keydown", { key: "Enter" }), "editor");

async function editor(left) {
  const place = document.querySelector(".sql");
  const view = place && CM.EditorView.findFromDOM(place);
  if (view || !left) return view;
  await new Promise((wake) => setTimeout(wake, 50));
  return editor(left - 1);
}

export async function furnish(words) {
  const view = await editor(100);
  if (!view) return;
  const language = await CM.languages.find((each) => each.name === "SQL").load();
  const styles = CM.defaultHighlightStyle.specs
    .filter((spec) => KINDS[spec.color])
    .map((spec) => ({ tag: spec.tag, class: `sql-${KINDS[spec.color]}` }));
  const complete = completing(words);
  view.dispatch({
    effects: CM.StateEffect.appendConfig.of([
      // Without the words that the language itself would offer: many of them are refused here.
      language.language,
      CM.EditorState.languageData.of(() => [{ autocomplete: complete }]),
      CM.syntaxHighlighting(CM.HighlightStyle.define(styles)),
      CM.EditorView.contentAttributes.of({ "aria-label": "Query" }),
      CM.Prec.highest(
        CM.keymap.of([
          { key: "Tab", run: (each) => listed(each) && enter(each) },
          { key: "Mod-Enter", run: () => true },
        ]),
      ),
    ]),
  });
}
