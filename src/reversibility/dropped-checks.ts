/** Rows that a CHECK refused which the migration has dropped, or made less strict. */
import { ident, literal } from "../db/identifier.ts";
import { parseScript, ScriptError } from "../db/script.ts";
import { findNodes, stringsOf } from "../db/tree.ts";
import type { ColumnPair, RowCheck, TablePair } from "./allowances.ts";
import type { Wish } from "./special-rows.ts";
import { changeOne } from "./special-rows.ts";

/** Candidates are refused by what is left of the rules: a few rows are enough to find that out. */
const rowsPerValue = 2;

export function wishesForChecks(pair: TablePair): Wish[] {
  const kept = pair.has.checks;
  return pair.had.checks
    .filter(
      ({ oid, expression }) =>
        !kept.some((one) => one.oid === oid || bare(one.expression) === bare(expression)),
    )
    .flatMap((check) => wishesFor(pair, check));
}

/** Another type of a column gives its CHECK other casts, and the same meaning. */
function bare(expression: string): string {
  return expression.replaceAll(/::[a-z ]+(\(\d+(,\d+)?\))?(\[\])?|[()\s]/g, "");
}

function wishesFor(pair: TablePair, check: RowCheck): Wish[] {
  const what = `a row of ${pair.sql} that CHECK ${ident(check.name)} refused`;
  const refuses = `not (${check.expression})`;
  const isThere = (fresh: string) =>
    `select exists (select from ${pair.sql} t where ${fresh} and ${refuses}) as there`;
  const read = readExpression(check.expression);
  const columns = read.columns.map((name) => pair.columns.find(({ had }) => had.name === name));
  const known = columns.filter((column) => column !== undefined);
  // What went with a column is allowed to nobody.
  const isGone = known.length < columns.length;
  if (isGone) return [];
  if (known.some(({ had, has }) => had.name !== has.name)) {
    const impossible = "a column of it has another name now";
    return [{ what, isThere, changes: () => [], impossible }];
  }
  const written = known.filter(({ has }) => !has.isGenerated);
  const assignments = written.flatMap((column) =>
    [...candidatesFor(column, read.constants, known), "NULL"].map(
      (value) => `${column.sql} = ${value}`,
    ),
  );
  const always = written.filter(({ has }) => has.isAlways);
  return [
    {
      what,
      isThere,
      changes: (fresh) =>
        assignments.flatMap((assignment) =>
          Array.from({ length: rowsPerValue }, (_, nth) =>
            changeOne(pair.sql, assignment, fresh, { nth }),
          ),
        ),
      always: always.map(({ sql }) => [pair.sql, sql] as const),
    },
  ];
}

interface ReadExpression {
  readonly columns: readonly string[];
  readonly constants: readonly string[];
}

/** What it is about; nothing for syntax of a newer server than the parser's. */
function readExpression(expression: string): ReadExpression {
  try {
    const [statement] = parseScript(`SELECT ${expression}`);
    const node = statement?.node;
    const names = findNodes(node, "ColumnRef").map(({ fields }) => stringsOf(fields).at(-1));
    const constants = findNodes(node, "A_Const").flatMap(({ ival, fval, sval }) => {
      if (ival) return [String(ival.ival ?? 0)];
      return fval?.fval ?? (sval ? [sval.sval ?? ""] : []);
    });
    return {
      columns: [...new Set(names.filter((name) => name !== undefined))],
      constants: [...new Set(constants)],
    };
  } catch (error) {
    if (error instanceof ScriptError) return { columns: [], constants: [] };
    throw error;
  }
}

/**
 * Values beside the constants that the expression names, then such as rules are usually against.
 * Which of them the old CHECK refuses, and what is left of the rules does not, the server says.
 */
function candidatesFor(
  { sql, has }: ColumnPair,
  constants: readonly string[],
  all: readonly ColumnPair[],
): string[] {
  const own = `t.${sql}`;
  const others = all.filter(({ has: other }) => other.number !== has.number);
  const cast = (value: string) => `${literal(value)}::${has.typeName}`;
  switch (has.category) {
    case "N": {
      const numbers = constants.filter((one) => /^-?\d+(\.\d+)?$/.test(one));
      return [
        ...numbers.flatMap((one) => [`${one} + 1`, `${one} - 1`, `-${one} - 1`, one]),
        "-1",
        "0",
        ...others.flatMap((other) =>
          other.has.category === "N" ? [`t.${other.sql} - 1`, `t.${other.sql} + 1`] : [],
        ),
      ];
    }
    case "B":
      return [`not coalesce(${own}, false)`];
    case "D": {
      const step = has.typeName.startsWith("time") ? "interval '1 hour'" : "1";
      return [
        ...constants.flatMap((one) => [`${cast(one)} - ${step}`, `${cast(one)} + ${step}`]),
        ...others.flatMap((other) =>
          other.has.category === "D"
            ? [`t.${other.sql} - ${step}`, `t.${other.sql} + ${step}`, `t.${other.sql}`]
            : [],
        ),
      ];
    }
    case "S": {
      const lengths = constants.filter((one) => /^\d{1,5}$/.test(one)).map(Number);
      return [
        `${own} || 'x'`,
        "'x'",
        "''",
        "'X 1'",
        ...lengths.flatMap((one) => [
          `repeat('x', ${one + 1})`,
          ...(one > 0 ? [`repeat('x', ${one - 1})`] : []),
        ]),
        ...constants.map(cast),
      ];
    }
    default:
      return constants.map(cast);
  }
}
