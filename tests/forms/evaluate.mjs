// Answers one line of JSON for each line: what the browser's modules make of an expression, a number, a date.
import { createInterface } from "node:readline";
import { evaluate, ExpressionError, holds } from "../../webapp/frontend/expressions.js";
import { readDate, readNumber } from "../../webapp/frontend/notation.js";
import "../../webapp/frontend/forms.js"; // Where there is no document it must do nothing.

const answer = {
  evaluate: ({ ast, names }) => evaluate(ast, names),
  holds: ({ ast, names }) => holds(ast, names),
  number: ({ text }) => readNumber(text),
  date: ({ text }) => readDate(text),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let reply;
  try {
    reply = { value: answer[question.do](question) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    reply = { refused: true };
  }
  console.log(JSON.stringify(reply));
}
