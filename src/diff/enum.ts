/** How an enum comes to its labels. */
import { literal } from "../db/identifier.ts";
import { parseScript } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";

/** Undefined where a label goes or moves, and for anything else than an enum. */
export function newLabels(label: string, before: string, now: string): string[] | undefined {
  const [had, has] = [before, now].map(enumLabels);
  if (!had || !has || !isOrderKept(had, has)) return undefined;
  return has.flatMap((one, at) => {
    if (had.includes(one)) return [];
    // The one before it is there by then; before the first stands none.
    const [previous] = has.slice(0, at).slice(-1);
    const place =
      previous === undefined ? `BEFORE ${literal(had[0] ?? "")}` : `AFTER ${literal(previous)}`;
    const where = had.length === 0 ? "" : ` ${place}`;
    return [`ALTER ${label.replace(/^type /, "TYPE ")} ADD VALUE ${literal(one)}${where}`];
  });
}

function isOrderKept(had: readonly string[], has: readonly string[]): boolean {
  const kept = has.filter((one) => had.includes(one));
  return kept.length === had.length && kept.every((one, at) => one === had[at]);
}

export function enumLabels(statement: string): string[] | undefined {
  const type = as(parseScript(statement)[0]?.node, "CreateEnumStmt");
  return type && stringsOf(type.vals);
}
