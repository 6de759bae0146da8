/** Renames and moves taken back: what no comparison of two schemas can tell from a drop and a new object. */
import { ident, literal } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";

/** Key words after ALTER, by the parser's name for the kind. */
const kinds: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "TABLE",
  OBJECT_FOREIGN_TABLE: "FOREIGN TABLE",
  OBJECT_VIEW: "VIEW",
  OBJECT_MATVIEW: "MATERIALIZED VIEW",
  OBJECT_INDEX: "INDEX",
  OBJECT_SEQUENCE: "SEQUENCE",
  OBJECT_TYPE: "TYPE",
  OBJECT_DOMAIN: "DOMAIN",
};

/** SQL that takes back renames and moves of these statements, the last one first. */
export function undoNames(statements: readonly Statement[]): string[] {
  return statements.toReversed().flatMap((statement) => undoName(statement) ?? []);
}

function undoName({ node }: Statement): string | undefined {
  const rename = as(node, "RenameStmt");
  if (rename) return undoRename(rename);
  const value = as(node, "AlterEnumStmt");
  if (value?.oldVal !== undefined && value.newVal !== undefined) {
    const type = stringsOf(value.typeName).map(ident).join(".");
    return `ALTER TYPE ${type} RENAME VALUE ${literal(value.newVal)} TO ${literal(value.oldVal)}`;
  }
  const move = as(node, "AlterObjectSchemaStmt");
  return move ? undoMove(move) : undefined;
}

function undoRename(rename: Tree.RenameStmt): string | undefined {
  const { renameType = "", relation, subname = "", newname = "", object } = rename;
  const [now, before] = [ident(newname), ident(subname)];
  const table = nameOf(relation);
  switch (renameType) {
    case "OBJECT_COLUMN": {
      const kind = kinds[rename.relationType ?? ""] ?? "TABLE";
      return `ALTER ${kind} ${table} RENAME COLUMN ${now} TO ${before}`;
    }
    case "OBJECT_TABCONSTRAINT":
      return `ALTER TABLE ${table} RENAME CONSTRAINT ${now} TO ${before}`;
    case "OBJECT_ATTRIBUTE":
      return `ALTER TYPE ${table} RENAME ATTRIBUTE ${now} TO ${before}`;
    case "OBJECT_SCHEMA":
      return `ALTER SCHEMA ${now} RENAME TO ${before}`;
    case "OBJECT_TYPE":
    case "OBJECT_DOMAIN": {
      const parts = stringsOf(as(object, "List")?.items);
      const type = [...parts.slice(0, -1), newname].map(ident).join(".");
      return `ALTER ${kinds[renameType]} ${type} RENAME TO ${ident(parts.at(-1) ?? "")}`;
    }
    default: {
      const kind = kinds[renameType];
      if (kind === undefined || !relation) return undefined;
      const renamed = nameOf({ ...relation, relname: newname });
      return `ALTER ${kind} ${renamed} RENAME TO ${ident(relation.relname ?? "")}`;
    }
  }
}

/** Only where the statement names the schema that the object comes from. */
function undoMove(move: Tree.AlterObjectSchemaStmt): string | undefined {
  const { objectType = "", relation, newschema = "", object } = move;
  const kind = kinds[objectType];
  if (kind === undefined) return undefined;
  const [schema, name] = relation
    ? [relation.schemaname, relation.relname]
    : lastTwo(stringsOf(as(object, "List")?.items));
  if (schema === undefined || schema === "" || name === undefined) return undefined;
  return `ALTER ${kind} ${ident(newschema)}.${ident(name)} SET SCHEMA ${ident(schema)}`;
}

function lastTwo(parts: readonly string[]): [string | undefined, string | undefined] {
  return [parts.at(-2), parts.at(-1)];
}

function nameOf(relation: Tree.RangeVar | undefined): string {
  return [relation?.schemaname, relation?.relname]
    .filter((part) => part !== undefined && part !== "")
    .map((part) => ident(part ?? ""))
    .join(".");
}
