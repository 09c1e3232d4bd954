// The expression language in the browser: evaluates the JSON that forms/expressions.py writes with to_json_ast, with
// the same results. The server decides again, so a page can only be wrong about what it shows.

const LARGEST = 1e30;

/** Thrown where the server's evaluator refuses too: text plus number, a date above a list. */
export class ExpressionError extends Error {}

export function evaluate(ast, names) {
  for (const [kind, work] of Object.entries(KINDS)) {
    if (Object.hasOwn(ast, kind)) return work(ast, names);
  }
  throw new ExpressionError("unknown node");
}

/** Whether the condition is true; one that cannot be computed is not, so that nothing gets hidden by accident. */
export function holds(ast, names) {
  try {
    return truthy(evaluate(ast, names));
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

const KINDS = {
  lit: ({ lit }) => lit,
  name: ({ name }, names) => name.reduce((value, part) => (isRecord(value) && Object.hasOwn(value, part) ? value[part] : null), names) ?? null,
  list: ({ list }, names) => list.map((item) => evaluate(item, names)),
  and: ({ and }, names) => firstOr(and, names, (value) => !truthy(value)),
  or: ({ or }, names) => firstOr(or, names, truthy),
  not: ({ not }, names) => !truthy(evaluate(not, names)),
  neg: ({ neg }, names) => signed(evaluate(neg, names), -1),
  pos: ({ pos }, names) => signed(evaluate(pos, names), 1),
  op: ({ op, of }, names) => computed(op, ...of.map((item) => evaluate(item, names))),
  cmp: compared,
  call: ({ call }) => {
    throw new ExpressionError(`no function ${call}`);
  },
};

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function truthy(value) {
  if (Array.isArray(value)) return value.length > 0;
  return isRecord(value) ? Object.keys(value).length > 0 : Boolean(value);
}

/** The first value that settles it, else the last. */
function firstOr(items, names, settles) {
  let value = null;
  for (const item of items) {
    value = evaluate(item, names);
    if (settles(value)) break;
  }
  return value;
}

function number(value) {
  if (typeof value !== "number") throw new ExpressionError("not a number");
  return value;
}

const signed = (value, sign) => (value === null ? null : sign * number(value));

const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / nonZero(b),
  "%": (a, b) => {
    const rest = a % nonZero(b);
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest; // The sign of the divisor, as the server has it.
  },
};

function nonZero(value) {
  if (value === 0) throw new ExpressionError("division by zero");
  return value;
}

function computed(sign, left, right) {
  if (left === null || right === null) return null;
  const result = OPERATIONS[sign](number(left), number(right));
  if (!(Math.abs(result) <= LARGEST)) throw new ExpressionError("too large");
  return Number.isSafeInteger(result) ? result : Number(result.toPrecision(15)); // 0.1 + 0.2 is 0.3.
}

function compared({ cmp, to }, names) {
  let left = evaluate(cmp, names);
  for (const [sign, operand] of to) {
    const right = evaluate(operand, names);
    if (!COMPARISONS[sign](left, right)) return false;
    left = right;
  }
  return true;
}

const COMPARISONS = {
  "==": equal,
  "!=": (a, b) => !equal(a, b),
  "in": contains,
  "not in": (a, b) => !contains(a, b),
  "<": (a, b) => ordered(a, b, (x, y) => x < y),
  "<=": (a, b) => ordered(a, b, (x, y) => x <= y),
  ">": (a, b) => ordered(a, b, (x, y) => x > y),
  ">=": (a, b) => ordered(a, b, (x, y) => x >= y),
};

function equal(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, n) => equal(item, b[n]));
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
  }
  return a === b;
}

function contains(item, container) {
  if (container === null) return false;
  if (typeof container === "string") return typeof item === "string" && container.includes(item);
  if (Array.isArray(container)) return container.some((element) => equal(item, element));
  throw new ExpressionError("not a list");
}

/** Dates are ISO text, whose order as text is their order in time. */
function ordered(a, b, compare) {
  if (a === null || b === null) return false;
  if (typeof a !== typeof b || !["number", "string"].includes(typeof a)) throw new ExpressionError("no order");
  return compare(a, b);
}
