/** Rules (CREATE RULE) that statements of a rollback fire, as far as these delete or change anything. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as, findNodes } from "../db/tree.ts";
import findRules from "./rules-on-table.sql";
import type { Names } from "./table-names.ts";
import { findHiddenUpdates, findWritingCalls } from "./unseen.ts";
import { findWrites } from "./writes.ts";

type Node = Statement["node"];

/** `RuleStmt.event` by `pg_rewrite.ev_type`. */
const events = { "2": "CMD_UPDATE", "3": "CMD_INSERT", "4": "CMD_DELETE" } as const;

/**
 * The rules whose actions may delete or change something: "the rule r on public.t". Rules that such an
 * action fires in turn are followed, so are those of tables that a foreign key or a view passes the
 * write on to, and so are rules that a statement `before` makes.
 */
export async function findRuleDeeds(
  session: Session,
  { node }: Statement,
  names: Names,
  before: readonly Statement[],
): Promise<string[]> {
  // These only store what they contain.
  if (as(node, "CreateFunctionStmt") || as(node, "RuleStmt") || as(node, "ViewStmt")) return [];
  const made = before.filter((statement) => as(statement.node, "RuleStmt"));
  const deeds = new Set<string>();
  const seen = new Set<string>();
  let level: Node[] = [node];
  while (level.length > 0) {
    const next: Node[] = [];
    for (const [rule, actions] of await firedBy(session, level, names, made)) {
      if (seen.has(rule)) continue;
      seen.add(rule);
      next.push(...actions);
      if (await doesAnything(session, actions)) deeds.add(rule);
    }
    level = next;
  }
  return [...deeds];
}

/** The rules of the tables that these write to, with their actions. */
async function firedBy(
  session: Session,
  nodes: readonly Node[],
  names: Names,
  made: readonly Statement[],
): Promise<[string, readonly Node[]][]> {
  const fired: [string, readonly Node[]][] = [];
  for (const { object, name: written, type } of await findWrites(session, nodes, names)) {
    const rules = await session.query<{ name: string; definition: string }>(findRules, [
      object,
      type,
    ]);
    const known = rules.flatMap(({ name, definition }) => {
      const rule = as(parseScript(definition)[0]?.node, "RuleStmt");
      return rule ? [{ name, rule }] : [];
    });
    const late = made.flatMap((statement) => {
      const rule = as(statement.node, "RuleStmt");
      const isHere = rule?.event === events[type] && rule.relation?.relname === written;
      return rule && isHere ? [{ name: rule.rulename ?? "", rule }] : [];
    });
    for (const { name, rule } of [...known, ...late]) {
      fired.push([`the rule ${ident(name)} on ${object}`, rule.actions ?? []]);
    }
  }
  return fired;
}

/** Nothing is INSTEAD NOTHING, and an INSERT into a log. */
async function doesAnything(session: Session, actions: readonly Node[]): Promise<boolean> {
  for (const action of actions) {
    const isDeed =
      findNodes(action, "DeleteStmt").length > 0 || findHiddenUpdates(action, "").length > 0;
    if (isDeed || (await findWritingCalls(session, action)).length > 0) return true;
  }
  return false;
}
