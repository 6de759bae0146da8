import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { relationName, stringsOf, as } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";

function views({ node }: Statement): string[] {
  const view = as(node, "ViewStmt");
  return view ? [relationName(view.view)] : [];
}

export const rename: LintRule = {
  name: "rename",
  severity: "warning",
  summary: "a table, column, schema or enum value gets another name",
  why: "Programs of the release before ask for the old name, and those of the next for the new one; while both run, one of them fails. Add the new, write to both, move on, drop the old; a table can stay under its old name as a view. A table that nobody uses any more, and that is called …_unused until it is dropped, is none of this.",
  safe: "ALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT * FROM purchases;  -- in the same transaction, until nobody asks for it",
  squawk: ["renaming-column", "renaming-table"],
  kinds: ["RenameStmt", "AlterObjectSchemaStmt", "AlterEnumStmt"],
  judge: (step) => {
    const rename = nodeOf(step, "RenameStmt");
    if (rename) return judgeRename(rename, step);
    const move = nodeOf(step, "AlterObjectSchemaStmt");
    if (move?.relation && move.objectType === "OBJECT_TABLE") {
      const table = relationName(move.relation);
      return [
        say(table, `table ${sqlName(table)} moves to schema ${ident(move.newschema ?? "")}`, table),
      ];
    }
    const value = nodeOf(step, "AlterEnumStmt");
    if (value?.oldVal !== undefined) {
      const type = stringsOf(value.typeName).join(".");
      return [
        say(
          undefined,
          `value '${value.oldVal}' of ${sqlName(type)} is called '${value.newVal}' from now on`,
          type,
        ),
      ];
    }
    return [];
  },
};

function judgeRename(
  {
    renameType,
    relationType,
    relation,
    subname = "",
    newname = "",
    object,
  }: NonNullable<ReturnType<typeof nodeOf<"RenameStmt">>>,
  step: Step,
): Judgement[] {
  const table = relationName(relation);
  switch (renameType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW": {
      // ALTER TABLE renames indexes as well, whose names no program asks for.
      if (!step.model.table(table) && step.model.index(table)) return [];
      // The old name stays as a view.
      const hasShim = step.file.has(views, table);
      // Out of the way before it is dropped: that is what drop-table asks for.
      if (hasShim || newname.includes("_unused")) return [];
      return [say(table, `${sqlName(table)} is called ${ident(newname)} from now on`, table)];
    }
    case "OBJECT_COLUMN":
      if (relationType === "OBJECT_TYPE") return [];
      return [
        say(
          table,
          `column ${sqlName(table)}.${ident(subname)} is called ${ident(newname)} from now on`,
          `${table}.${subname}`,
        ),
      ];
    case "OBJECT_ATTRIBUTE":
      return [
        say(
          undefined,
          `attribute ${ident(subname)} of type ${sqlName(table)} is called ${ident(newname)} from now on`,
          `${table}.${subname}`,
        ),
      ];
    case "OBJECT_SCHEMA":
      return [
        say(undefined, `schema ${ident(subname)} is called ${ident(newname)} from now on`, subname),
      ];
    case "OBJECT_FUNCTION":
    case "OBJECT_PROCEDURE": {
      const name = stringsOf(as(object, "ObjectWithArgs")?.objname).join(".");
      return [
        say(undefined, `function ${sqlName(name)} is called ${ident(newname)} from now on`, name),
      ];
    }
    default:
      return [];
  }
}

function say(table: string | undefined, what: string, object: string): Judgement {
  return {
    ...(table === undefined ? {} : { table }),
    object,
    message: `${what}: programs of the release before ask for the old name`,
    hint: "add the new one, use both for a release, then drop the old; or leave a view under the old name",
  };
}
