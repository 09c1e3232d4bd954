// Answers questions, one line of JSON each: what the editor's modules make of a text, and which of the drawing tool's words lack Vietnamese.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { BpmnModdle } from "bpmn-moddle";
import { dirname, join } from "node:path";
import { laidOut } from "../../webapp/frontend/editor/layout.js";
import { lint, merged } from "../../webapp/frontend/editor/lint.js";
import { nounOf, phraseOf, titleOf } from "../../webapp/frontend/editor/naming.js";
import * as notations from "../../webapp/frontend/editor/notations.js";
import { runs } from "../../webapp/frontend/editor/replacing.js";
import { searchPlainly } from "../../webapp/frontend/editor/searching.js";
import { WORDS } from "../../webapp/frontend/editor/vietnamese.js";

const require = createRequire(import.meta.url);
const PACKAGES = ["bpmn-js", "diagram-js", "diagram-js-minimap", "diagram-js-direct-editing"];
const ASKED = /\btranslate\(\s*(['"])((?:\\.|(?!\1).)+)\1/g;
const LABELLED = /\blabel:\s*(['"])((?:\\.|(?!\1).)+)\1/g;
const NAMED = /_MSG = (['"])((?:\\.|(?!\1).)+)\1/g;
const ALIGNMENTS = ["left", "center", "right", "top", "middle", "bottom"];

/** Literal texts that the modules give to `translate`, and those of the menus, which they give by name. */
async function words() {
  const found = new Set(ALIGNMENTS.map((side) => `Align elements ${side}`));
  for (const name of PACKAGES) {
    const folder = dirname(require.resolve(`${name}/package.json`));
    for (const file of (await readdir(folder, { recursive: true })).filter((path) => /^(lib\/.*|dist\/index\.esm)\.js$/.test(path))) {
      const text = (await readFile(join(folder, file), "utf8")).replace(/^\s*\*.*$/gm, "");
      const menu = /ReplaceOptions|PopupEntries/.test(file);
      for (const pattern of [ASKED, NAMED, ...(menu ? [LABELLED] : [])]) for (const [, , word] of text.matchAll(pattern)) found.add(word);
    }
  }
  found.delete("Align elements "); // A side follows.
  return [...found].filter((word) => !word.includes(" + ")).sort(); // Those move a drawing; they are no words.
}

async function linted(source) {
  const { rootElement, elementsById } = await new BpmnModdle().fromXML(source);
  return lint(rootElement, (id) => elementsById[id]);
}

/** What each element that has an id is called. */
async function named(source) {
  const { elementsById } = await new BpmnModdle().fromXML(source);
  return Object.fromEntries(Object.values(elementsById).map((each) => [each.id, [nounOf(each), phraseOf(each), titleOf(each)]]));
}

const answer = {
  untranslated: async () => (await words()).filter((word) => !(word in WORDS)),
  words: async () => (await words()).length,
  reminders: (given) => given.map((one) => notations.writeReminders(notations.readReminders(one))),
  unreadable: (given) => given.map((one) => notations.readReminders(one)),
  dues: (given) => given.map((one) => [notations.readDue(one).kind, notations.writeDue(notations.readDue(one))]),
  conditions: (given) => given.map((one) => { const read = notations.readCondition(one); return read && notations.writeCondition(read); }),
  offered: (given) => given.filter(([type, event, object]) => runs({ type, eventDefinitionType: event }, object)),
  lint: async (given) => Promise.all(given.map(linted)),
  merged: async ([servers, source]) => merged(servers, await linted(source)).map(({ code }) => code),
  named: async (given) => Promise.all(given.map(async (path) => named(await readFile(path, "utf8")))),
  found: async ([source, pattern]) => {
    const { elementsById } = await new BpmnModdle().fromXML(source);
    const items = Object.values(elementsById).map((each) => ({ element: { businessObject: each }, label: each.name, id: each.id }));
    const found = searchPlainly(items, pattern, { keys: ["label", "id"] });
    return found.map(({ item, tokens }) => [item.id, tokens.label.map(({ value, match }) => (match ? `[${value}]` : value)).join("")]);
  },
  layout: async (given) => laidOut(await readFile(given, "utf8")),
};
for await (const line of createInterface({ input: process.stdin })) {
  const [what, given] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answer[what](given))}\n`);
}
