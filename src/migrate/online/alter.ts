/** The safe form of an ALTER TABLE: what is brief stays in one statement, the rest goes by itself. */
import type { Statement, Tree } from "../../db/script.ts";
import { isSameTree, parseScript } from "../../db/script.ts";
import { alterText } from "../../db/sql-text.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import type { Effect } from "../../locks/effect.ts";
import { effectsOf } from "../../locks/effects-of.ts";
import { isAtLeast } from "../../locks/mode.ts";
import { relationSql } from "../table-names.ts";
import { addColumn, from } from "./column.ts";
import type { Altered, Outcome } from "./constraints.ts";
import {
  addKey,
  addLater,
  hasWholeRow,
  nameOfCheck,
  rowType,
  setNotNull,
  whyNoForeignKey,
} from "./constraints.ts";
import { Names } from "./names.ts";
import type { Piece, Verdict } from "./rewriting.ts";
import type { Surroundings } from "./surroundings.ts";

/** A command: what stays in the ALTER TABLE, what runs by itself, and why it is not safe if it is not. */
interface Part {
  readonly rest?: string;
  readonly first?: readonly Piece[];
  readonly later?: readonly Piece[];
  readonly why?: string;
}

export function rewriteAlter(
  statement: Statement,
  alter: Tree.AlterTableStmt,
  around: Surroundings,
): Verdict {
  const { model } = around;
  const table = model.table(relationName(alter.relation));
  if (!table || table.isNew || alter.objtype !== "OBJECT_TABLE") return { kept: [] };
  if (table.kind !== "table" && table.kind !== "partitioned") return { kept: [] };
  const effects = effectsOf(statement, model);
  if (effects.every(({ work, other }) => work === "none" && (other?.work ?? "none") === "none")) {
    return { kept: [] };
  }
  const { head, commands } = alterText(statement.text);
  const cmds = allOf(alter.cmds, "AlterTableCmd");
  const isWhole =
    commands.length === cmds.length &&
    isSameTree(
      cmds,
      cmds.map((_, place) => commandIn(`${head} ${commands[place]}`)),
    );
  if (!isWhole) return { kept: ["the statement could not be taken apart"] };
  const altered: Altered = {
    table,
    head: `ALTER TABLE ${alter.missing_ok ? "IF EXISTS " : ""}${alter.relation?.inh ? "" : "ONLY "}${relationSql(alter.relation)}`,
    on: relationSql(alter.relation),
    isOnly: alter.relation?.inh !== true,
    server: model.server,
    names: new Names(model, around.otherNames),
    isPartitioned: (name) => model.table(name)?.kind === "partitioned",
    isRow: (column) => isRowType(table.columns.get(column)?.type ?? "", around),
  };
  const parts = cmds.map((command, place) => {
    const own = effects.filter((effect) => effect.command === place);
    return partOf(command, commands[place] ?? "", own, altered);
  });
  const kept = parts.flatMap(({ why }) => why ?? []);
  const first = parts.flatMap((part) => part.first ?? []);
  const later = parts.flatMap((part) => part.later ?? []);
  if (first.length + later.length === 0) return { kept };
  const rest = parts.flatMap((part) => part.rest ?? []);
  const brief: Piece[] =
    rest.length === 0 ? [] : [{ sql: `${altered.head} ${rest.join(", ")}`, place: "joins" }];
  return { kept, pieces: [...brief, ...first, ...later] };
}

/** A composite type, or the row of a table; types are known by their names alone here. */
export function isRowType(
  type: string,
  { model, otherNames }: Pick<Surroundings, "model" | "otherNames">,
): boolean {
  const base = model.find(model.domains, type)?.base ?? type;
  const isNamed = (name: string) => name.split(".").at(-1) === base;
  return [...otherNames].some(isNamed) || [...model.tables.keys()].some(isNamed);
}

function partOf(
  command: Tree.AlterTableCmd,
  text: string,
  effects: readonly Effect[],
  altered: Altered,
): Part {
  const asItIs = { rest: text };
  const works = effects.filter(
    ({ lock, work, other }) =>
      (work !== "none" || (other?.work ?? "none") !== "none") &&
      isAtLeast(lock, "SHARE UPDATE EXCLUSIVE"),
  );
  if (works.length === 0) return asItIs;
  const because = (why: string): Part => ({ rest: text, why });
  switch (command.subtype) {
    case "AT_ValidateConstraint":
      // Beside what took a stronger lock, it would read under that.
      return { later: [{ sql: `${altered.head} ${text}`, place: "apart" }] };
    case "AT_SetNotNull": {
      if (altered.isOnly && altered.table.kind === "partitioned") return because(onlyPartitioned);
      if (altered.isRow(command.name ?? "")) return because(rowType);
      const { first, later, close } = setNotNull(altered, command.name ?? "");
      return { first, later: [...later, ...close] };
    }
    case "AT_AddColumn": {
      // Of one that is there, nothing is done.
      const added = as(command.def, "ColumnDef")?.colname ?? "";
      if (command.missing_ok && altered.table.columns.has(added)) return asItIs;
      const outcome = addColumn(altered, text, effects);
      if (outcome === undefined) return asItIs;
      if ("why" in outcome) return because(outcome.why);
      return {
        rest: outcome.rest,
        first: outcome.parts.flatMap(({ first }) => first),
        later: outcome.parts.flatMap(({ later }) => later),
      };
    }
    case "AT_AddConstraint": {
      const constraint = as(command.def, "Constraint");
      const outcome = constraint && addConstraint(altered, constraint, text);
      if (!outcome) return because(noSafeForm);
      return "why" in outcome ? because(outcome.why) : outcome;
    }
    case "AT_AlterColumnType":
      return because(
        "the table is written anew, or every row of it is read: a new column, a backfill and a later drop do it step by step",
      );
    default:
      return because(noSafeForm);
  }
}

export const noSafeForm = "PostgreSQL has no form of it that lets others go on";
const onlyPartitioned = "ONLY a partitioned table cannot be altered in steps";

function addConstraint(altered: Altered, constraint: Tree.Constraint, text: string): Outcome {
  const { table, names } = altered;
  switch (constraint.contype) {
    case "CONSTR_CHECK":
      if (hasWholeRow(constraint, table)) {
        return { why: "the CHECK is about more than columns of this table" };
      }
      return addLater(altered, nameOfCheck(altered, constraint), from(text, "check"));
    case "CONSTR_FOREIGN": {
      const why = whyNoForeignKey(altered, constraint);
      if (why !== undefined) return { why };
      const columns = stringsOf(constraint.fk_attrs);
      const name = constraint.conname ?? names.constraint(table, columns, "fkey");
      return addLater(altered, name, from(text, "foreign"));
    }
    case "CONSTR_NOTNULL": {
      const columns = stringsOf(constraint.keys);
      const name = constraint.conname ?? names.constraint(table, columns, "not_null");
      return addLater(altered, name, from(text, "not"));
    }
    case "CONSTR_UNIQUE":
    case "CONSTR_PRIMARY":
      return addKey(altered, constraint);
    default:
      return { why: noSafeForm };
  }
}

function commandIn(sql: string): Tree.AlterTableCmd | undefined {
  const [command, ...others] = allOf(
    as(parseScript(sql)[0]?.node, "AlterTableStmt")?.cmds,
    "AlterTableCmd",
  );
  return others.length === 0 ? command : undefined;
}
