/** Words and statements that several rules share. */
import { ident } from "../db/identifier.ts";
import type { Tree } from "../db/script.ts";
import { allOf, as, relationName } from "../db/tree.ts";
import type { ColumnType } from "../locks/column.ts";
import { typeOf } from "../locks/column.ts";
import type { Effect } from "../locks/effect.ts";
import { untoldIndexOf } from "../locks/effect.ts";
import type { FactName } from "../locks/facts.ts";
import { blockedBy } from "../locks/mode.ts";
import type { Judgement, LintRule, Step } from "./rule.ts";
import { nodeOf } from "./rule.ts";
import type { AlterText } from "../db/sql-text.ts";
import { alterText } from "../db/sql-text.ts";

/** A name of a tree as SQL. */
export function sqlName(name: string): string {
  return name.split(".").map(ident).join(".");
}

/** The table of an effect, as SQL; in words where only an index of it is known. */
export function tableName(table: string): string {
  const index = untoldIndexOf(table);
  return index === undefined ? sqlName(table) : `the table of ${sqlName(index)}`;
}

/** `shop.orders` without its schema, for names that are made of it. */
export function bareName(name: string): string {
  return name.split(".").at(-1) ?? name;
}

const workWords = {
  none: "",
  scan: " while every row is read",
  index: " while its index is built",
  rewrite: " while the whole table is written anew",
} as const;

/** "nobody can read or write orders while every row is read (ACCESS EXCLUSIVE)" */
export function describeBlock({
  table,
  lock,
  work,
}: Pick<Effect, "table" | "lock" | "work">): string {
  const what = blockedBy(lock) === "reads and writes" ? "read or write" : "write";
  return `nobody can ${what} ${sqlName(table)}${workWords[work]} (${lock})`;
}

/** Beside the first statement, the second would run under its lock. */
export const apart =
  "each in a file of its own, or in one with `-- migrate:up transaction:false`: in one transaction the lock of the first is held during the second";

/** A command of an ALTER TABLE. */
export class AlterCommand {
  readonly command: Tree.AlterTableCmd;
  readonly table: string;
  /** Its effects, of which there are several for a column with constraints. */
  readonly effects: readonly Effect[];
  readonly #place: number;
  readonly #words: () => AlterText;

  /** `words` are those of the whole statement, and `place` is that of the command among them. */
  constructor(
    { effects }: Step,
    command: Tree.AlterTableCmd,
    place: number,
    table: string,
    words: () => AlterText,
  ) {
    this.command = command;
    this.table = table;
    this.effects = effects.filter((effect) => effect.command === place);
    this.#place = place;
    this.#words = words;
  }

  /** As written, without `ALTER TABLE x`. */
  get text(): string {
    return this.#words().commands[this.#place] ?? "";
  }

  /** `ALTER TABLE x`, as written. */
  get head(): string {
    return this.#words().head;
  }
}

const known = new WeakMap<Step, AlterCommand[]>();

/** The commands of an ALTER TABLE with their words; none for other statements. Many rules ask. */
export function alterCommands(step: Step): AlterCommand[] {
  const alter = nodeOf(step, "AlterTableStmt");
  if (!alter || alter.objtype !== "OBJECT_TABLE") return [];
  const before = known.get(step);
  if (before) return before;
  let parts: AlterText | undefined;
  // The scanner costs more than the rules: only a finding needs the words.
  const words = () => (parts ??= alterText(step.statement.text));
  const table = relationName(alter.relation);
  const commands = allOf(alter.cmds, "AlterTableCmd").map(
    (command, place) => new AlterCommand(step, command, place, table, words),
  );
  known.set(step, commands);
  return commands;
}

/** The command of the step's ALTER TABLE that an effect is of. */
export function commandOf(step: Step, { command }: Effect): AlterCommand | undefined {
  return command === undefined ? undefined : alterCommands(step)[command];
}

/** The command's constraint, for ADD CONSTRAINT of these kinds. */
export function addedConstraint(
  { command }: AlterCommand,
  ...kinds: NonNullable<Tree.Constraint["contype"]>[]
): Tree.Constraint | undefined {
  const constraint =
    command.subtype === "AT_AddConstraint" ? as(command.def, "Constraint") : undefined;
  return constraint?.contype !== undefined && kinds.includes(constraint.contype)
    ? constraint
    : undefined;
}

interface NewColumn extends ColumnType {
  readonly table: string;
  readonly column: Tree.ColumnDef;
  readonly isAdded: boolean;
}

const knownColumns = new WeakMap<Step, NewColumn[]>();

/** New columns, of ADD COLUMN and of CREATE TABLE; none of a temporary table. Many rules ask. */
export function newColumns(step: Step): NewColumn[] {
  let columns = knownColumns.get(step);
  if (columns === undefined) {
    columns = readNewColumns(step);
    knownColumns.set(step, columns);
  }
  return columns;
}

function readNewColumns(step: Step): NewColumn[] {
  const create = nodeOf(step, "CreateStmt");
  if (create) {
    if (create.relation?.relpersistence === "t") return [];
    const table = relationName(create.relation);
    return allOf(create.tableElts, "ColumnDef").map((column) => ({
      table,
      column,
      isAdded: false,
      ...typeOf(column.typeName),
    }));
  }
  return alterCommands(step).flatMap(({ command, table }) => {
    const column = command.subtype === "AT_AddColumn" ? as(command.def, "ColumnDef") : undefined;
    return column ? [{ table, column, isAdded: true, ...typeOf(column.typeName) }] : [];
  });
}

type FactRule = Omit<LintRule, "judge"> & {
  readonly facts: readonly FactName[];
  say(effect: Effect, step: Step): Omit<Judgement, "table"> | undefined;
};

/** A rule that goes by the table of facts alone. */
export function ruleOfFacts({ facts, say, ...rule }: FactRule): LintRule {
  return {
    ...rule,
    facts,
    judge(step) {
      const found: Judgement[] = [];
      for (const effect of step.effects) {
        const said = facts.includes(effect.fact) ? say(effect, step) : undefined;
        if (said) found.push({ table: effect.table, isBySize: true, ...said });
      }
      return found;
    },
  };
}

/** "; which type x has now is not known here: --url looks" */
export function unsureWords({ unsure }: Effect): string {
  return unsure === undefined ? "" : `; ${unsure} is not known here, \`--url\` looks it up`;
}
