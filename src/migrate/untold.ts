/** Rows of which nobody can tell beforehand whose they are: through views that the rollback makes, and behind code that moves names. */
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import { temporarySchema } from "../locks/model.ts";
import { isMadeTemporary } from "../locks/statement-names.ts";
import { searchPathIn } from "../locks/search-path.ts";
import findMoving from "./name-moving-function.sql";
import type { LossVerb, Suspect } from "./suspect.ts";
import { dotted, partsOf } from "./table-names.ts";

/** What the statements before have left uncertain. */
export interface Uncertain {
  /** Code that may have set search_path: "the DO block". */
  path: string | undefined;
  /** Code that may have made or dropped temporary tables. */
  temporary: string | undefined;
  /** Views that the rollback has made, as SQL. */
  readonly views: Set<string>;
}

export function allCertain(): Uncertain {
  return { path: undefined, temporary: undefined, views: new Set() };
}

/** The code on which it depends what names without a schema mean. */
export function movedBy({ path, temporary }: Uncertain): string | undefined {
  return path ?? temporary;
}

/** What the statement would remove, as far as nobody can tell where. */
export function findUntold({ node }: Statement, uncertain: Uncertain): Suspect[] {
  const { views } = uncertain;
  const by = movedBy(uncertain);
  if (by === undefined && views.size === 0) return [];
  return findTargets(node).flatMap(({ verb, parts }) => {
    const name = dotted(parts);
    if (views.has(name)) return [untold(verb, name, "the rollback itself makes that view")];
    if (by === undefined || parts.length > 1) return [];
    return [untold(verb, name, `which table that is depends on ${by} before it; name its schema`)];
  });
}

function untold(verb: LossVerb, name: string, why: string): Suspect {
  const rows = `select from ${name}`;
  return {
    verb,
    object: name,
    table: name,
    tableThen: name,
    rows,
    rowsThen: rows,
    isForeign: true,
    untold: why,
  };
}

/** Takes note of what the statement does to names. `hasTemporary`: the rollback makes temporary tables. */
export async function noteUncertain(
  session: Session,
  { node, text }: Statement,
  uncertain: Uncertain,
  hasTemporary: boolean,
): Promise<void> {
  if (searchPathIn(node) !== undefined) {
    uncertain.path = undefined;
    return;
  }
  noteViews(node, uncertain.views);
  if (as(node, "DoStmt")) {
    const drops = hasTemporary && /\b(?:drop|rename|discard)\b/i.test(text);
    if (drops || /\btemp(?:orary)?\b|pg_temp/i.test(text)) uncertain.temporary = "the DO block";
    if (/\bsearch_path\b/i.test(text)) uncertain.path = "the DO block";
    return;
  }
  const call = as(node, "CallStmt")?.funccall;
  const calls = call ? [call] : findNodes(as(node, "SelectStmt"), "FuncCall");
  for (const { funcname } of calls) {
    const parts = stringsOf(funcname);
    const name = `${dotted(parts)}()`;
    if (parts.at(-1) === "set_config" && /\bsearch_path\b/i.test(text)) uncertain.path = name;
    const [moving] = await session.query<{ path: boolean; temporary: boolean }>(findMoving, [
      parts.at(-1) ?? "",
    ]);
    if (moving?.path) uncertain.path = name;
    if (moving?.temporary) uncertain.temporary = name;
  }
}

function noteViews(node: Statement["node"], views: Set<string>): void {
  const view = as(node, "ViewStmt")?.view;
  if (view) {
    views.add(
      dotted(isMadeTemporary(view) ? [temporarySchema, view.relname ?? ""] : partsOf(view)),
    );
  }
  const drop = as(node, "DropStmt");
  if (drop?.removeType !== "OBJECT_VIEW") return;
  for (const { items } of allOf(drop.objects, "List")) views.delete(dotted(stringsOf(items)));
}

interface Target {
  readonly verb: LossVerb;
  readonly parts: readonly string[];
}

/** The relations from which a statement removes rows or values, as it names them. */
export function findTargets(node: Statement["node"]): Target[] {
  // These only store what they contain.
  if (as(node, "CreateFunctionStmt") || as(node, "RuleStmt")) return [];
  const drop = as(node, "DropStmt");
  if (drop) {
    if (drop.removeType !== "OBJECT_TABLE") return [];
    return allOf(drop.objects, "List").map(({ items }) => ({
      verb: "drops",
      parts: stringsOf(items),
    }));
  }
  const alter = as(node, "AlterTableStmt");
  if (alter) {
    const does = (what: Tree.AlterTableType) =>
      allOf(alter.cmds, "AlterTableCmd").some(({ subtype }) => subtype === what);
    const parts = partsOf(alter.relation);
    return [
      ...(does("AT_DropColumn") ? [{ verb: "drops" as const, parts }] : []),
      ...(does("AT_AlterColumnType") ? [{ verb: "changes values of" as const, parts }] : []),
    ];
  }
  const merges = findNodes(node, "MergeStmt");
  const merging = (what: Tree.CmdType) =>
    merges.filter(({ mergeWhenClauses }) =>
      allOf(mergeWhenClauses, "MergeWhenClause").some(({ commandType }) => commandType === what),
    );
  const all = (verb: LossVerb, found: readonly { readonly relation?: Tree.RangeVar }[]) =>
    found.map(({ relation }): Target => ({ verb, parts: partsOf(relation) }));
  return [
    ...allOf(as(node, "TruncateStmt")?.relations, "RangeVar").map((relation): Target => ({
      verb: "empties",
      parts: partsOf(relation),
    })),
    ...all("deletes from", [...findNodes(node, "DeleteStmt"), ...merging("CMD_DELETE")]),
    ...all("overwrites", [...findNodes(node, "UpdateStmt"), ...merging("CMD_UPDATE")]),
  ];
}
