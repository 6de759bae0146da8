/** Code of which nobody can tell beforehand what it deletes, and how much. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import { deedsOf } from "./code-words.ts";
import type { Loss } from "./count-loss.ts";
import { dotted } from "./table-names.ts";
import findVolatile from "./volatile-function.sql";

const calling = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"];

/** DO blocks that do not say it, procedures, and functions that may write: "its DO block", "app.purge()". */
export async function findUnseen(session: Session, statement: Statement): Promise<string[]> {
  const { node, kind } = statement;
  if (as(node, "DoStmt")) return deedsOf(statement).length > 0 ? [] : ["its DO block"];
  const call = as(node, "CallStmt")?.funccall;
  if (call) return [`${dotted(stringsOf(call.funcname))}()`];
  if (!calling.includes(kind)) return [];
  return [...findHiddenUpdates(node, kind), ...(await findWritingCalls(session, node))];
}

/** The functions it calls that may write. */
export async function findWritingCalls(
  session: Session,
  node: Statement["node"],
): Promise<string[]> {
  const found: string[] = [];
  for (const { funcname } of findNodes(node, "FuncCall")) {
    const parts = stringsOf(funcname);
    const { mayDelete } = await session.one<{ mayDelete: boolean }>(findVolatile, [
      parts.at(-2) ?? "",
      parts.at(-1) ?? "",
    ]);
    if (mayDelete) found.push(`${dotted(parts)}()`);
  }
  return found;
}

/** A DO block that says it deletes or changes something: a loss, of which nobody can tell the size. */
export function findCodeLoss(statement: Statement, firstLine: number): Loss | undefined {
  const deeds = deedsOf(statement);
  if (deeds.length === 0) return undefined;
  const lineOf = ({ line }: { readonly line: number }) => firstLine + line - 1;
  const said = deeds.map((deed) => `${deed.words} (line ${lineOf(deed)})`);
  const shown = said.length > 4 ? [...said.slice(0, 3), `${said.length - 3} more`] : said;
  return {
    verb: "runs",
    object: `the DO block in line ${lineOf(statement)}`,
    rows: null,
    isMore: false,
    why: `what its ${shown.join(" and ")} ${deeds.length === 1 ? "takes" : "take"} cannot be counted`,
  };
}

/** Parts of statements that overwrite values of rows which only the rest of the statement finds. */
export function findHiddenUpdates(node: Statement["node"], kind: string): string[] {
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
