import { ident } from "../../db/identifier.ts";
import type { Statement, Tree } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import { composeName } from "../../migrate/online/names.ts";
import { bareName, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";

const kinds: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "table",
  OBJECT_FOREIGN_TABLE: "foreign table",
  OBJECT_MATVIEW: "materialized view",
  OBJECT_VIEW: "view",
  OBJECT_SEQUENCE: "sequence",
};

export const dropTable: LintRule = {
  name: "drop-table",
  severity: "warning",
  summary: "a table, view, schema or database is dropped, or all that a role owns",
  why: "Programs of the release before still use it, and its rows are gone: the way back makes an empty one. Stop using it first, in a release of its own; rename it, so that what still asks for it shows; drop it later.",
  safe: "-- once no program uses it\nALTER TABLE orders RENAME TO orders_unused;\n-- and in a later release\nDROP TABLE orders_unused;",
  squawk: ["ban-drop-table", "ban-drop-database"],
  kinds: ["DropStmt", "DropdbStmt", "DropOwnedStmt"],
  judge: (step) => {
    const database = nodeOf(step, "DropdbStmt");
    if (database) {
      return [
        {
          severity: "error",
          object: database.dbname ?? "",
          message: `database ${sqlName(database.dbname ?? "")} is dropped`,
          hint: "`pgwright db drop` does that, with its questions; a migration should not",
        },
      ];
    }
    const owned = nodeOf(step, "DropOwnedStmt");
    if (owned) return judgeOwned(owned, step);
    const drop = nodeOf(step, "DropStmt");
    const type = drop?.removeType ?? "";
    if (drop && type === "OBJECT_SCHEMA") {
      const names = (drop.objects ?? []).map((object) => as(object, "String")?.sval ?? "");
      return names.map((name) => ({
        object: name,
        message: `schema ${sqlName(name)} is dropped${drop.behavior === "DROP_CASCADE" ? " with everything in it" : ""}`,
        hint: "drop what is in it by name, in a release after the last that uses it",
      }));
    }
    const kind = kinds[type];
    if (!drop || kind === undefined) return [];
    return (drop.objects ?? []).flatMap((object) => {
      const name = stringsOf(as(object, "List")?.items).join(".");
      // Views are replaced by dropping them; rights are another rule's matter.
      if (!kind.includes("table") && step.file.has(created, name)) return [];
      if (/_unused(?:\d*$|_)/.test(name)) return [];
      return [
        {
          table: name,
          message: `${kind} ${sqlName(name)} is dropped: programs of the release before may still use it${kind === "view" ? "" : ", and what is in it is lost"}`,
          hint: `once no program uses it, \`ALTER ${kind.toUpperCase()} ${sqlName(name)} RENAME TO ${unusedName(name, step)};\`, so that what still asks for it shows while nothing is lost (to be called _unused is no finding of rename); then drop that in a later release`,
        },
      ];
    });
  },
};

/** `orders_unused`, cut to what a name can hold, and with a number where that is taken. */
function unusedName(name: string, { model }: Step): string {
  const schema = name.slice(0, name.length - bareName(name).length);
  for (let pass = 0; ; pass += 1) {
    const label = pass === 0 ? "unused" : `unused${pass}`;
    const chosen = composeName(bareName(name), undefined, label);
    if (!model.table(schema + chosen) && !model.index(schema + chosen)) return ident(chosen);
  }
}

/** Behind REASSIGN OWNED nothing belongs to the role any more: only its rights go. */
function judgeOwned(owned: Tree.DropOwnedStmt, step: Step): Judgement[] {
  const given = new Set<string>();
  const roles = allOf(owned.roles, "RoleSpec").map(roleName);
  step.file.visitBefore(
    step.statement,
    () => roles.map((role) => [reassigned, role]),
    (statement) => {
      for (const role of reassigned(statement)) given.add(role);
    },
  );
  return roles
    .filter((role) => !given.has(role))
    .map((role) => ({
      severity: "error" as const,
      object: role,
      message: `everything in the database that belongs to ${role} is dropped, tables with their rows too; what that is, the file does not say`,
      hint: `\`REASSIGN OWNED BY ${role} TO CURRENT_USER;\` before it in the same file, so that only rights go; or drop what is to go by name`,
    }));
}

function reassigned({ node }: Statement): string[] {
  return allOf(as(node, "ReassignOwnedStmt")?.roles, "RoleSpec").map(roleName);
}

/** As SQL: a name, or CURRENT_USER and its like. */
function roleName({ roletype, rolename }: Tree.RoleSpec): string {
  return roletype === "ROLESPEC_CSTRING"
    ? ident(rolename ?? "")
    : (roletype ?? "").replace("ROLESPEC_", "");
}

function created({ node }: Statement): string[] {
  const view =
    as(node, "ViewStmt")?.view ??
    as(node, "CreateTableAsStmt")?.into?.rel ??
    as(node, "CreateSeqStmt")?.sequence;
  if (!view) return [];
  return [[view.schemaname, view.relname].filter(Boolean).join(".")];
}
