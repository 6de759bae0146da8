import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";
import { allOf, as, relationName } from "../../db/tree.ts";
import { keyOf } from "../../locks/model.ts";

const words = {
  primary: "primary key",
  unique: "unique constraint",
  foreign: "foreign key",
  exclude: "exclusion constraint",
  check: "CHECK",
  notnull: "NOT NULL",
} as const;

export const dropConstraint: LintRule = {
  name: "drop-constraint",
  severity: "warning",
  summary: "a key or foreign key is dropped, and nothing takes its place",
  why: "What it kept out can be written from then on. Without its primary key a table has no replica identity, so that UPDATE and DELETE fail where it is published; ON CONFLICT needs its unique constraint.",
  safe: "-- both in one transaction\nALTER TABLE orders DROP CONSTRAINT orders_number_key;\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_new;",
  kinds: ["AT_DropConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap(({ command, table }) => {
      if (command.subtype !== "AT_DropConstraint") return [];
      const name = command.name ?? "";
      const told = step.model.table(table);
      const kind = told ? told.constraints.get(name)?.kind : kindByName(name);
      // A CHECK is often only a proof of NOT NULL that has served.
      if (kind === undefined || kind === "check" || kind === "notnull") return [];
      const comes = [name, ...places[kind]].some((one) => step.file.has(added, topic(table, one)));
      if (comes) return [];
      return [
        {
          table,
          object: `${table}.${name}`,
          message: `the ${words[kind]} ${ident(name)} of ${sqlName(table)} is dropped, and nothing in this file takes its place${told ? "" : "; what it is tells its name alone, `--url` looks it up"}`,
          hint: "add what takes its place in the same file, so that there is no time between",
        },
      ];
    }),
};

const keys = ["CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"] as const;

/** What may take the place of each kind. */
const places = {
  primary: keys,
  unique: keys,
  exclude: keys,
  foreign: ["CONSTR_FOREIGN"],
} as const;

const topic = (table: string, what: string) => `${keyOf(table)} ${what}`;

/** The tables of constraints that a statement adds, with the name of each, and with its kind. */
function added({ node }: Statement): string[] {
  const alter = as(node, "AlterTableStmt");
  const table = relationName(alter?.relation);
  return allOf(alter?.cmds, "AlterTableCmd").flatMap(({ def }) => {
    const constraint = as(def, "Constraint");
    const ofColumn = allOf(as(def, "ColumnDef")?.constraints, "Constraint");
    return [
      ...(constraint?.conname === undefined ? [] : [constraint.conname]),
      ...[...(constraint ? [constraint] : []), ...ofColumn].map(({ contype }) => contype ?? ""),
    ].map((what) => topic(table, what));
  });
}

/** What PostgreSQL calls a constraint that was given no name; for a table that nobody told of. */
function kindByName(name: string): keyof typeof words | undefined {
  if (name.endsWith("_pkey")) return "primary";
  if (name.endsWith("_fkey")) return "foreign";
  return name.endsWith("_key") ? "unique" : undefined;
}
