/** ALTER TABLE and its relatives: which change each of its parts makes. */
import type { Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import type { ObjectsSeen } from "./change-objects.ts";
import { identityOf } from "./change-objects.ts";
import { certainly, presumably } from "./judgement.ts";
import type { Judgement } from "./judgement.ts";

/** Judges ALTER TABLE, VIEW, INDEX, SEQUENCE, FOREIGN TABLE, MATERIALIZED VIEW and TYPE. */
export function judgeAlterTable(alter: Tree.AlterTableStmt, seen: ObjectsSeen): Judgement[] {
  const table = relationName(alter.relation);
  const family = alter.objtype === "OBJECT_TYPE" ? "type" : "relation";
  if (seen.isNew(identityOf(family, table))) {
    return [certainly("patch", `\`${table}\` is new in this file`)];
  }
  if (alter.objtype === "OBJECT_INDEX")
    return [certainly("patch", `an option of index \`${table}\``)];
  if (alter.objtype === "OBJECT_VIEW")
    return [certainly("minor", `an option of view \`${table}\``)];
  return allOf(alter.cmds, "AlterTableCmd").map((command) => judgeCommand(table, command));
}

function judgeCommand(table: string, command: Tree.AlterTableCmd): Judgement {
  const column = `column \`${table}.${command.name}\``;
  switch (command.subtype) {
    case "AT_AddColumn":
      return judgeNewColumn(table, as(command.def, "ColumnDef"));
    case "AT_DropColumn":
      return certainly("major", `${column} is dropped`);
    case "AT_AlterColumnType":
      return presumably("major", `the type of ${column} changes; from what, the file does not say`);
    case "AT_SetNotNull":
      return certainly("major", `${column} becomes required`);
    case "AT_DropNotNull":
      return certainly("minor", `${column} may be null`);
    case "AT_ColumnDefault":
      return command.def
        ? certainly("minor", `${column} has another default`)
        : presumably("major", `${column} has no default any more and may be required`);
    case "AT_DropIdentity":
      return certainly("major", `${column} is no longer filled by itself`);
    case "AT_DropExpression":
      return presumably("major", `${column} is no longer computed`);
    case "AT_AddConstraint":
      return judgeNewConstraint(table, as(command.def, "Constraint"));
    case "AT_DropConstraint":
      return presumably(
        "major",
        `constraint \`${command.name}\` of \`${table}\` is dropped; ON CONFLICT may need it`,
      );
    case "AT_ValidateConstraint":
      return certainly("patch", `constraint \`${command.name}\` is validated`);
    case "AT_AlterConstraint":
      return certainly("minor", `a constraint of \`${table}\` is checked at another time`);
    case "AT_EnableRowSecurity":
    case "AT_ForceRowSecurity":
      return certainly("major", `row level security hides rows of \`${table}\``);
    case "AT_DetachPartition":
    case "AT_DropInherit":
      return certainly("major", `rows leave \`${table}\` with a partition or child`);
    case "AT_DetachPartitionFinalize":
      return certainly("patch", `a detach from \`${table}\` is completed`);
    case "AT_ChangeOwner":
      return presumably("minor", `the owner of \`${table}\` changes`);
    case undefined:
      return presumably("minor", `\`${table}\` changes`);
    default:
      return isStorage.has(command.subtype)
        ? certainly("patch", `storage or statistics of \`${table}\``)
        : certainly("minor", `\`${table}\` changes (${command.subtype.replace("AT_", "")})`);
  }
}

const isStorage = new Set<string>([
  "AT_ClusterOn",
  "AT_DropCluster",
  "AT_ReplicaIdentity",
  "AT_ResetOptions",
  "AT_ResetRelOptions",
  "AT_SetAccessMethod",
  "AT_SetCompression",
  "AT_SetLogged",
  "AT_SetOptions",
  "AT_SetRelOptions",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_SetTableSpace",
  "AT_SetUnLogged",
]);

function judgeNewColumn(table: string, definition: Tree.ColumnDef | undefined): Judgement {
  const column = `column \`${table}.${definition?.colname}\``;
  const constraints = allOf(definition?.constraints, "Constraint");
  const has = (...types: string[]) =>
    constraints.some(({ contype }) => types.includes(contype ?? ""));
  const fills =
    has("CONSTR_IDENTITY", "CONSTR_GENERATED") ||
    constraints.some(
      ({ contype, raw_expr }) => contype === "CONSTR_DEFAULT" && !isNull(raw_expr),
    ) ||
    /^(?:small|big)?serial[248]?$/.test(stringsOf(definition?.typeName?.names).at(-1) ?? "");
  return has("CONSTR_NOTNULL", "CONSTR_PRIMARY") && !fills
    ? certainly("major", `${column} is new and required`)
    : certainly("minor", `${column} is new`);
}

function isNull(expression: Tree.Node | undefined): boolean {
  return as(expression, "A_Const")?.isnull === true;
}

function judgeNewConstraint(table: string, constraint: Tree.Constraint | undefined): Judgement {
  // The index given refused duplicates before; NOT NULL, which a primary key adds, is new.
  if (constraint?.contype === "CONSTR_UNIQUE" && constraint.indexname) {
    return certainly("patch", `an index of \`${table}\` becomes a constraint`);
  }
  const canBeUnenforced = /CHECK|FOREIGN/.test(constraint?.contype ?? "");
  if (canBeUnenforced && constraint?.is_enforced !== true) {
    return certainly("patch", `a constraint of \`${table}\` is stated but not enforced`);
  }
  const name = constraint?.conname ? ` \`${constraint.conname}\`` : "";
  return certainly("major", `constraint${name} makes \`${table}\` accept less`);
}
