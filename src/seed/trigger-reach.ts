/** How far the INSERT triggers of a table reach, read from the texts of their functions. */
import { scanTokens, type Token } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import selectTriggers from "./insert-triggers.sql";
import selectTexts from "./trigger-reach.sql";

export interface Reach {
  /** They may read or write the table itself, so its indexes are needed while rows come. */
  readonly toItself: boolean;
  /** They may delete rows, so what foreign keys do then is needed while rows come. */
  readonly toDeletes: boolean;
}

const anywhere: Reach = { toItself: true, toDeletes: true };

/** By the table's oid; a table without INSERT triggers is not in it. */
export async function readReaches(session: Session): Promise<Map<string, Reach>> {
  const triggers = await session.query<{
    table: string;
    functions: string[];
    names: string[];
    isDeferred: boolean;
  }>(selectTriggers);
  if (triggers.length === 0) return new Map();
  const texts = new Map<string, (string | null)[]>();
  for (const { name, text } of await session.query<{ name: string; text: string | null }>(
    selectTexts,
  )) {
    texts.set(name, [...(texts.get(name) ?? []), text]);
  }
  return new Map(
    triggers.map(({ table, functions, names, isDeferred }) => [
      table,
      // What is put off to the commit leaves the table with events, and PostgreSQL alters none such.
      isDeferred ? anywhere : follow(functions, new Set(names), texts),
    ]),
  );
}

/**
 * Goes from function to function, view and table, by the names that stand in their texts, of
 * whatever schema. SQL that is put together at run time, and other languages, may do anything.
 */
export function follow(
  functions: readonly string[],
  itself: ReadonlySet<string>,
  texts: ReadonlyMap<string, readonly (string | null)[]>,
): Reach {
  const open = [...functions];
  const seen = new Set(open);
  let [toItself, toDeletes] = [false, false];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const text of texts.get(name) ?? []) {
      const tokens = text === null ? undefined : scan(text);
      if (!tokens || tokens.some(isDynamic)) return anywhere;
      toDeletes ||= tokens.some((token, n) => deletes(token, tokens[n - 1], tokens[n + 1]));
      for (const word of tokens.map(wordOf)) {
        toItself ||= itself.has(word);
        if (!texts.has(word) || seen.has(word)) continue;
        seen.add(word);
        open.push(word);
      }
    }
  }
  return { toItself, toDeletes };
}

/** Undefined where the text is nothing that the scanner can read. */
function scan(text: string): Token[] | undefined {
  try {
    return scanTokens(text);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** A name as it is stored; strings are none. */
function wordOf({ text }: Token): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}

function isDynamic(token: Token): boolean {
  return wordOf(token) === "execute";
}

function deletes(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  const word = wordOf(token);
  if (word === "truncate") return true;
  return (
    word === "delete" &&
    ((after !== undefined && wordOf(after) === "from") ||
      (before !== undefined && wordOf(before) === "then"))
  );
}
