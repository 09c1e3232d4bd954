// Searching the drawing and its menus as people type: without diacritics, and shapes without a name by what they are.
import search from "diagram-js/lib/features/search/search.js";
import { titleOf } from "./naming.js";

const MARKS = /[\u0300-\u036f]/g;

/** One plain letter for each letter, so that what is found in one text stands at the same place of the other. */
const plain = (letter) => {
  const bare = letter.normalize("NFD").replace(MARKS, "").toLowerCase().replace("đ", "d");
  return bare.length === letter.length ? bare : letter;
};
const folded = (text) => [...text].map(plain).join("");

const isShape = (object) => object && !/(Flow|Association)$/.test(object.$type);

/** What an entry says; a shape without a label its title. */
function saidOf(item, key) {
  const object = item.element?.businessObject;
  const value = item[key] || (key === "label" && isShape(object) ? titleOf(object) : item[key]);
  return typeof value === "string" ? value.normalize("NFC") : value;
}

/** The parts of what was found, as they are written. */
function written(tokens, text) {
  let at = 0;
  return tokens.map((token) => ({ ...token, value: text.slice(at, (at += token.value.length)) }));
}

/** The key that pressed a button is let go in the field that it opened: there only an Enter of its own is an answer. */
export function heedOwnEnter(container) {
  let pressed = false;
  container.addEventListener("keydown", ({ key }) => (pressed = key === "Enter"), true);
  const letGo = (event) => {
    if (event.key === "Enter" && !pressed) event.stopPropagation();
    pressed = false;
  };
  container.addEventListener("keyup", letGo, true);
}

export function searchPlainly(items, pattern, options) {
  const asked = items.map((item) => {
    const said = Object.fromEntries(options.keys.map((key) => [key, saidOf(item, key)]));
    const bare = Object.entries(said).map(([key, value]) => [key, typeof value === "string" ? folded(value) : value]);
    return { ...Object.fromEntries(bare), item, said };
  });
  return search(asked, folded(pattern.normalize("NFC")), options).map(({ item: { item, said }, tokens }) => {
    const parts = Object.entries(tokens).map(([key, found]) => [key, typeof said[key] === "string" ? written(found, said[key]) : found]);
    return { item, tokens: Object.fromEntries(parts) };
  });
}
