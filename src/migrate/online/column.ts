/** ADD COLUMN with constraints: the column first, then its constraints in their safe form. */
import { ident } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { isSameTree, parseScript, scanTokens } from "../../db/script.ts";
import { allOf, as } from "../../db/tree.ts";
import type { Effect } from "../../locks/effect.ts";
import type { FactName } from "../../locks/facts.ts";
import type { Altered, Outcome, SafeForm } from "./constraints.ts";
import { addKey, addLater, hasWholeRow, nameOfCheck, whyNoForeignKey } from "./constraints.ts";

/** A new column with what is left at it, and what is added later. */
export type ColumnOutcome = { readonly rest: string; readonly parts: SafeForm[] } | { why: string };

const hopeless: Partial<Record<FactName, string>> = {
  "add-column-volatile":
    "every row gets a value of its own, so the table is written anew: add the column without a default, fill it by a backfill, then set the default",
  "add-column-numbered":
    "every row gets a number, so the table is written anew: add the column without it, number the rows by a backfill, then add the identity",
  "add-column-stored": "every row's value is computed, so the table is written anew",
  "add-column-virtual-required":
    "every row's value is computed to see that it is not null: add the column without NOT NULL, then that by itself",
  "add-column-domain": "the domain's constraint is checked for every row",
  "add-column-required": "NOT NULL without a default is refused as soon as there is one row",
};

/** `text` is the command alone: `ADD COLUMN total int CHECK (total > 0)`. */
export function addColumn(
  altered: Altered,
  text: string,
  effects: readonly Effect[],
): ColumnOutcome | undefined {
  const because = effects.map(({ fact }) => hopeless[fact]).find((why) => why !== undefined);
  if (because !== undefined) return { why: because };
  if (effects.every(({ work }) => work === "none")) return undefined;
  const alter = `${altered.head} `;
  const column = columnIn(alter + text);
  if (!column) return { why: "the command could not be taken apart" };
  const constraints = allOf(column.constraints, "Constraint");
  if (constraints.some(({ contype }) => contype === "CONSTR_PRIMARY")) {
    return { why: "a new column that is the key needs its values first" };
  }
  const bytes = Buffer.from(alter + text);
  const own = constraints.map(({ location = 0 }) => location);
  const endOf = (place: number) => own.find((start) => start > place) ?? bytes.length;
  const parts: SafeForm[] = [];
  const cuts: [number, number][] = [];
  for (const [place, constraint] of constraints.entries()) {
    const { contype, location = 0 } = constraint;
    if (!["CONSTR_CHECK", "CONSTR_UNIQUE", "CONSTR_FOREIGN"].includes(contype ?? "")) continue;
    // DEFERRABLE and its like stand behind it, as constraints of their own.
    const attributes = countAttributes(constraints.slice(place + 1));
    const end = endOf(own[place + attributes] ?? location);
    const words = bytes.subarray(location, end).toString().trim();
    const outcome = makeLater(altered, column.colname ?? "", constraint, words, {
      deferred: constraints.slice(place + 1, place + 1 + attributes),
    });
    if (outcome === undefined) continue;
    if ("why" in outcome) return outcome;
    parts.push(outcome);
    cuts.push([location, end]);
  }
  let rest = bytes;
  for (const [start, end] of cuts.toReversed()) {
    rest = Buffer.concat([rest.subarray(0, start), rest.subarray(end)]);
  }
  const left = rest.toString().slice(alter.length).trim();
  if (!isTheRest(columnIn(alter + left), column, parts.length)) {
    return { why: "the command could not be taken apart" };
  }
  return { rest: left, parts };
}

function makeLater(
  altered: Altered,
  column: string,
  constraint: Tree.Constraint,
  words: string,
  { deferred }: { deferred: readonly Tree.Constraint[] },
): Outcome | undefined {
  const { names, table } = altered;
  switch (constraint.contype) {
    case "CONSTR_CHECK":
      if (hasWholeRow(constraint, table, column)) {
        return { why: "the CHECK is about more than columns of this table" };
      }
      return addLater(altered, nameOfCheck(altered, constraint), from(words, "check"));
    case "CONSTR_UNIQUE":
      return addKey(altered, {
        ...constraint,
        keys: [{ String: { sval: column } }],
        deferrable: deferred.some(({ contype }) => contype === "CONSTR_ATTR_DEFERRABLE"),
        initdeferred: deferred.some(({ contype }) => contype === "CONSTR_ATTR_DEFERRED"),
      });
    default: {
      const why = whyNoForeignKey(altered, constraint);
      if (why !== undefined) return { why };
      const name = constraint.conname ?? names.constraint(table, [column], "fkey");
      const body = `FOREIGN KEY (${ident(column)}) ${from(words, "references")}`;
      return addLater(altered, name, body);
    }
  }
}

function countAttributes(constraints: readonly Tree.Constraint[]): number {
  const end = constraints.findIndex(({ contype }) => !contype?.startsWith("CONSTR_ATTR"));
  return end < 0 ? constraints.length : end;
}

/** The words from this one on: without CONSTRAINT and its name. */
export function from(words: string, word: string): string {
  const token = scanTokens(words).find(({ text }) => text.toLowerCase() === word);
  return Buffer.from(words)
    .subarray(token?.start ?? 0)
    .toString();
}

function columnIn(sql: string): Tree.ColumnDef | undefined {
  const [command, ...others] = allOf(
    as(parseScript(sql)[0]?.node, "AlterTableStmt")?.cmds,
    "AlterTableCmd",
  );
  return others.length === 0 ? as(command?.def, "ColumnDef") : undefined;
}

/** The same column, but for so many constraints with their attributes. */
function isTheRest(
  rest: Tree.ColumnDef | undefined,
  column: Tree.ColumnDef,
  fewer: number,
): boolean {
  if (!rest) return false;
  const { constraints: left = [], ...others } = rest;
  const { constraints: all = [], ...before } = column;
  if (!isSameTree(others, before)) return false;
  const kept = all.filter((one) => left.some((other) => isSameTree(one, other)));
  const gone =
    allOf(all, "Constraint").filter(({ contype }) => !contype?.startsWith("CONSTR_ATTR")).length -
    allOf(left, "Constraint").filter(({ contype }) => !contype?.startsWith("CONSTR_ATTR")).length;
  return gone === fewer && kept.length >= left.length;
}
