import { ident } from "../../db/identifier.ts";
import type { Statement, Tree } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
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
  safe: "ALTER TABLE orders RENAME TO orders_unused_since_2024_05;\n-- and in a later release\nDROP TABLE orders_unused_since_2024_05;",
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
      if (name.endsWith("_unused") || /_unused_/.test(name)) return [];
      return [
        {
          table: name,
          message: `${kind} ${sqlName(name)} is dropped: programs of the release before may still use it${kind === "view" ? "" : ", and what is in it is lost"}`,
          hint: `\`ALTER ${kind.toUpperCase()} ${sqlName(name)} RENAME TO …_unused;\` now, and drop it in a later release`,
        },
      ];
    });
  },
};

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
