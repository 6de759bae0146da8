import type { Statement } from "../db/script.ts";
import { allOf, as, valuesOf } from "../db/tree.ts";
import type { NodeKind } from "../db/tree.ts";

/** Statements that set something to a stated value, or only look. */
const alwaysRepeatable: readonly NodeKind[] = [
  "AlterDatabaseRefreshCollStmt",
  "AlterDatabaseSetStmt",
  "AlterDefaultPrivilegesStmt",
  "AlterExtensionStmt",
  "AlterOwnerStmt",
  "AlterRoleSetStmt",
  "CheckPointStmt",
  "CommentStmt",
  "GrantRoleStmt",
  "GrantStmt",
  "LoadStmt",
  "RefreshMatViewStmt",
  "SecLabelStmt",
  "VacuumStmt",
  "VariableSetStmt",
  "VariableShowStmt",
];

/** Forms of ALTER TABLE that end in the same state however often they run. */
const repeatableAlter = new Set<string>([
  "AT_ChangeOwner",
  "AT_ClusterOn",
  "AT_ColumnDefault",
  "AT_DisableRowSecurity",
  "AT_DisableTrig",
  "AT_DisableTrigAll",
  "AT_DisableTrigUser",
  "AT_DropCluster",
  "AT_DropNotNull",
  "AT_EnableAlwaysTrig",
  "AT_EnableReplicaTrig",
  "AT_EnableRowSecurity",
  "AT_EnableTrig",
  "AT_EnableTrigAll",
  "AT_EnableTrigUser",
  "AT_ForceRowSecurity",
  "AT_NoForceRowSecurity",
  "AT_ReplicaIdentity",
  "AT_ResetOptions",
  "AT_ResetRelOptions",
  "AT_SetAccessMethod",
  "AT_SetCompression",
  "AT_SetLogged",
  "AT_SetNotNull",
  "AT_SetOptions",
  "AT_SetRelOptions",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_SetTableSpace",
  "AT_SetUnLogged",
  "AT_ValidateConstraint",
]);

/** True for a statement that may run twice: after a crash nobody knows whether it ran once. */
export function isRepeatable({ node }: Statement): boolean {
  if (alwaysRepeatable.some((kind) => kind in node)) return true;
  const alter = as(node, "AlterTableStmt");
  if (alter) {
    return allOf(alter.cmds, "AlterTableCmd").every(
      ({ subtype = "", missing_ok: toleratesRepeat }) =>
        repeatableAlter.has(subtype) || toleratesRepeat === true,
    );
  }
  return (
    createsIfMissing({ node }) ||
    as(node, "DropStmt")?.missing_ok === true ||
    as(node, "DropRoleStmt")?.missing_ok === true ||
    ("SelectStmt" in node && isReadOnly(node))
  );
}

function createsIfMissing({ node }: Pick<Statement, "node">): boolean {
  return (
    as(node, "CreateStmt")?.if_not_exists === true ||
    as(node, "CreateTableAsStmt")?.if_not_exists === true ||
    as(node, "CreateSchemaStmt")?.if_not_exists === true ||
    as(node, "CreateSeqStmt")?.if_not_exists === true ||
    as(node, "CreateExtensionStmt")?.if_not_exists === true ||
    as(node, "CreateStatsStmt")?.if_not_exists === true ||
    as(node, "IndexStmt")?.if_not_exists === true ||
    as(node, "AlterEnumStmt")?.skipIfNewValExists === true ||
    as(node, "CreateFunctionStmt")?.replace === true ||
    as(node, "ViewStmt")?.replace === true ||
    as(node, "CreateTrigStmt")?.replace === true ||
    as(node, "RuleStmt")?.replace === true
  );
}

/** A query that calls nothing and writes nothing. */
function isReadOnly(node: Statement["node"]): boolean {
  const writers = ["FuncCall", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "intoClause"];
  return writers.every((key) => valuesOf(node, key).length === 0);
}
