/** The safe form of what an ALTER TABLE adds, in the words of a hint: what `migrate --online` would run. */
import type { Tree } from "../db/script.ts";
import { stringsOf } from "../db/tree.ts";
import type { Column, Model, Table } from "../locks/model.ts";
import { keyOf } from "../locks/model.ts";
import { isRowType } from "../migrate/online/alter.ts";
import type { ColumnOutcome } from "../migrate/online/column.ts";
import { addColumn, from } from "../migrate/online/column.ts";
import type { Altered, Outcome, SafeForm } from "../migrate/online/constraints.ts";
import { addKey, addLater, nameOfCheck, whyNoForeignKey } from "../migrate/online/constraints.ts";
import { Names } from "../migrate/online/names.ts";
import type { Piece } from "../migrate/online/rewriting.ts";
import { nodeOf } from "./rule.ts";
import type { Step } from "./rule.ts";
import { apart, sqlName } from "./say.ts";
import type { AlterCommand } from "./say.ts";

/** Composite types and sequences are no part of the model; their names may be met all the same. */
const otherNames: ReadonlySet<string> = new Set();

const knownNames = new WeakMap<Step, Names>();
const knownColumns = new WeakMap<AlterCommand, ColumnOutcome | undefined>();

/** ADD UNIQUE and ADD PRIMARY KEY: the index with all that is said of it, then the constraint; or why not so. */
export function safeKey(step: Step, command: AlterCommand, key: Tree.Constraint): string {
  const outcome = addKey(alteredBy(step, command, stringsOf(key.keys)), key);
  return describeOutcome(outcome);
}

/** ADD CHECK and ADD FOREIGN KEY: NOT VALID under the name that it has or would get, then VALIDATE; or why not so. */
export function safeLater(step: Step, command: AlterCommand, constraint: Tree.Constraint): string {
  const altered = alteredBy(step, command);
  if (constraint.contype === "CONSTR_CHECK") {
    const name = nameOfCheck(altered, constraint);
    return describeOutcome(addLater(altered, name, from(command.text, "check")));
  }
  const columns = stringsOf(constraint.fk_attrs);
  const name = constraint.conname ?? altered.names.constraint(altered.table, columns, "fkey");
  const steps = describeOutcome(addLater(altered, name, from(command.text, "foreign")));
  const but = whyNoForeignKey(altered, constraint);
  if (but === undefined) return steps;
  // The other reason is no more than a mark in the catalog.
  return altered.table.kind === "partitioned" ? but : `${steps}; ${but}`;
}

/**
 * ADD COLUMN without its constraints, and those behind it one by one; undefined where the column
 * itself has no safe form, or a constraint cannot be said apart from it.
 */
export function safeColumn(step: Step, command: AlterCommand): string | undefined {
  if (!knownColumns.has(command)) {
    const outcome = addColumn(alteredBy(step, command), command.text, command.effects);
    knownColumns.set(command, outcome);
  }
  const outcome = knownColumns.get(command);
  if (outcome === undefined || "why" in outcome) return undefined;
  const { rest, parts } = outcome;
  const first = { sql: `${command.head} ${rest}`, place: "within" } as const;
  return describePieces([first, ...piecesOf(parts)], parts);
}

function describeOutcome(outcome: Outcome): string {
  return "why" in outcome ? outcome.why : describePieces(piecesOf([outcome]), [outcome]);
}

const piecesOf = (parts: readonly SafeForm[]): Piece[] => [
  ...parts.flatMap(({ first }) => first),
  ...parts.flatMap(({ later }) => later),
];

function describePieces(pieces: readonly Piece[], parts: readonly SafeForm[]): string {
  const steps = pieces.map(({ sql }) => `\`${sql};\``).join(", then ");
  // What is added at first is NOT VALID, and validated behind it. An index that is built has no lock to hold.
  return parts.some(({ first }) => first.length > 0) ? `${steps}; ${apart}` : steps;
}

/** `keys` are columns of which nothing is known to the contrary, and which are taken to be NOT NULL. */
function alteredBy(step: Step, command: AlterCommand, keys: readonly string[] = []): Altered {
  const { model } = step;
  const { relation } = nodeOf(step, "AlterTableStmt") ?? {};
  const known = model.table(command.table) ?? untold(command.table);
  const unknown = keys.filter((name) => !known.columns.has(name));
  const table: Table =
    unknown.length === 0
      ? known
      : { ...known, columns: new Map([...known.columns, ...unknown.map(asNotNull)]) };
  let names = knownNames.get(step);
  if (names === undefined) knownNames.set(step, (names = new Names(model, otherNames)));
  return {
    table,
    head: command.head,
    on: sqlName(command.table),
    isOnly: relation?.inh !== true,
    server: model.server,
    names,
    isPartitioned: (name) => model.table(name)?.kind === "partitioned",
    isRow: (column) => isRow(table.columns.get(column)?.type ?? "", model),
  };
}

const isRow = (type: string, model: Model) => type !== "" && isRowType(type, { model, otherNames });

const asNotNull = (name: string): [string, Column] => [
  name,
  { type: "", modifiers: [], isArray: false, isNotNull: true },
];

/** A table that no file and no database has told of. */
function untold(name: string): Table {
  return {
    name: keyOf(name),
    kind: "table",
    columns: new Map(),
    constraints: new Map(),
    isComplete: false,
    isNew: false,
  };
}
