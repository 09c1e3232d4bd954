// Of Tabler's 5,000 rules the pages can use a fifth. A browser asks all of them for each element, and some about bars and
// steps that the product does not have make it ask again for the whole page whenever a word is added to it.
const NAME = /[.#]([\w-]+)|\[([\w-]+)(?:="?([\w-]+)"?)?[^\]]*\]/g;
const OURS = ["steps"]; // Words of templates that are a part of Tabler's by chance.
const WHOLE = /^@(?:keyframes|property|font-face)/;

/** The rules of a style sheet that may match, where pages are made of these texts. */
export function pruned(sheet, texts) {
  const words = new Set(texts.flatMap((text) => text.match(/[\w-]+/g) ?? []));
  for (const word of OURS) words.delete(word);
  const begun = texts.flatMap((text) => text.match(/(?<=class="[^"]*)[\w-]+-(?=\{\{)/g) ?? []); // btn-{{ tone }}
  const known = (name) => name === undefined || words.has(name) || begun.some((start) => name.startsWith(start));
  const mayMatch = (selector) => [...required(selector).matchAll(NAME)].every((found) => found.slice(1).every(known));
  return kept(sheet.replace(/\/\*.*?\*\//gs, ""), mayMatch);
}

function kept(sheet, mayMatch) {
  let text = "";
  for (const [prelude, body] of blocks(sheet)) {
    if (WHOLE.test(prelude)) text += `${prelude}{${body}}\n`;
    else if (prelude.startsWith("@")) text += `${prelude}{${kept(body, mayMatch)}}\n`;
    else {
      const selectors = alternatives(prelude).filter(mayMatch);
      if (selectors.length) text += `${selectors}{${body}}\n`;
    }
  }
  return text;
}

/** What stands before each pair of braces, and what within. */
function* blocks(sheet) {
  for (let at = 0, open; (open = sheet.indexOf("{", at)) >= 0; ) {
    let close = open + 1;
    for (let depth = 1; depth; close += 1) depth += { "{": 1, "}": -1 }[sheet[close]] ?? 0;
    yield [sheet.slice(at, open).replace(/^\s*@charset[^;]*;/, "").trim(), sheet.slice(open + 1, close - 1)];
    at = close;
  }
}

/** The selectors of a list: commas within parentheses part nothing. */
function alternatives(list) {
  const found = [""];
  let depth = 0;
  for (const letter of list) {
    depth += { "(": 1, ")": -1 }[letter] ?? 0;
    if (letter === "," && !depth) found.push("");
    else found[found.length - 1] += letter;
  }
  return found;
}

/** A selector without what an element may also lack: `:not(…)`, and lists of alternatives. */
function required(selector) {
  let left = selector;
  for (let before; before !== left; ) {
    before = left;
    left = left.replace(/:([\w-]+)\(([^()]*)\)/, (_, kind, within) => (kind === "has" && !within.includes(",") ? ` ${within}` : ""));
  }
  return left;
}
