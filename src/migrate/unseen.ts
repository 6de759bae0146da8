/** Code of which nobody can tell beforehand what it deletes. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import { dotted } from "./table-names.ts";
import findVolatile from "./volatile-function.sql";

const calling = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"];

/** DO blocks, procedures, and functions that may write: "its DO block", "app.purge()". */
export async function findUnseen(session: Session, { node, kind }: Statement): Promise<string[]> {
  if (as(node, "DoStmt")) return ["its DO block"];
  const call = as(node, "CallStmt")?.funccall;
  if (call) return [`${dotted(stringsOf(call.funcname))}()`];
  if (!calling.includes(kind)) return [];
  const unseen = findHiddenUpdates(node, kind);
  for (const { funcname } of findNodes(node, "FuncCall")) {
    const parts = stringsOf(funcname);
    const { mayDelete } = await session.one<{ mayDelete: boolean }>(findVolatile, [
      parts.at(-2) ?? "",
      parts.at(-1) ?? "",
    ]);
    if (mayDelete) unseen.push(`${dotted(parts)}()`);
  }
  return unseen;
}

/** Parts of statements that overwrite values of rows which only the rest of the statement finds. */
function findHiddenUpdates(node: Statement["node"], kind: string): string[] {
  const inWith = findNodes(node, "UpdateStmt").length - (kind === "UpdateStmt" ? 1 : 0);
  const merges = findNodes(node, "MergeStmt").some(({ mergeWhenClauses }) =>
    allOf(mergeWhenClauses, "MergeWhenClause").some(
      ({ commandType }) => commandType === "CMD_UPDATE",
    ),
  );
  const conflicts = findNodes(node, "InsertStmt").some(
    ({ onConflictClause }) => onConflictClause?.action === "ONCONFLICT_UPDATE",
  );
  return [
    ...(inWith > 0 ? ["its UPDATE in a WITH"] : []),
    ...(merges ? ["its MERGE"] : []),
    ...(conflicts ? ["its ON CONFLICT DO UPDATE"] : []),
  ];
}

/** The one sentence about it; none when there is nothing to say. */
export function describeUnseen(unseen: readonly string[]): string[] {
  if (unseen.length === 0) return [];
  const verb = unseen.length === 1 ? "deletes or changes" : "delete or change";
  return [`what ${unseen.join(" and ")} ${verb} cannot be seen beforehand`];
}
