/** Statements whose effect is not confined to the database they run in. */
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";

/** Kinds that always concern roles, databases, tablespaces, the server, or another server. */
const kinds: ReadonlySet<string> = new Set([
  "CreateRoleStmt",
  "AlterRoleStmt",
  "AlterRoleSetStmt",
  "DropRoleStmt",
  "GrantRoleStmt",
  "ReassignOwnedStmt",
  "DropOwnedStmt",
  "CreatedbStmt",
  "DropdbStmt",
  "AlterDatabaseStmt",
  "AlterDatabaseSetStmt",
  "AlterDatabaseRefreshCollStmt",
  "CreateTableSpaceStmt",
  "DropTableSpaceStmt",
  "AlterTableSpaceOptionsStmt",
  "AlterSystemStmt",
  "CreateSubscriptionStmt",
  "AlterSubscriptionStmt",
  "DropSubscriptionStmt",
]);

const sharedObjects: ReadonlySet<string> = new Set([
  "OBJECT_ROLE",
  "OBJECT_DATABASE",
  "OBJECT_TABLESPACE",
  "OBJECT_SUBSCRIPTION",
  "OBJECT_PARAMETER_ACL",
]);

/**
 * True for a statement that would change the server or another database though it runs in a
 * throwaway one. What a DO block or a function executes is not seen.
 */
export function isServerWide({ kind, node }: Statement): boolean {
  if (kinds.has(kind)) return true;
  const object =
    as(node, "RenameStmt")?.renameType ??
    as(node, "CommentStmt")?.objtype ??
    as(node, "SecLabelStmt")?.objtype ??
    as(node, "AlterOwnerStmt")?.objectType ??
    as(node, "GrantStmt")?.objtype;
  return object !== undefined && sharedObjects.has(object);
}
