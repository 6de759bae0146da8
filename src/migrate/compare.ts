/** How the text of a migration differs from what was applied. */
import { ScriptError, loadParser, treeHash } from "../db/script.ts";
import { diffLines } from "../schema/line-diff.ts";
import { normalise } from "./section.ts";

export interface Comparison {
  /**
   * `cosmetic`: comments and white space alone, the parse trees are equal. The body of a function
   * is text that PostgreSQL stores, so a comment in it counts as `semantic`.
   */
  readonly kind: "same" | "cosmetic" | "semantic";
  /** Unified diff from the first text to the second; empty for `same`. */
  readonly diff: readonly string[];
}

/** Compares SQL that was applied with SQL of today. A text that does not parse is `semantic`. */
export async function compareSql(applied: string, current: string): Promise<Comparison> {
  const before = normalise(applied);
  const after = normalise(current);
  if (before === after) return { kind: "same", diff: [] };
  await loadParser();
  const hash = hashOf(before);
  const isCosmetic = hash !== undefined && hash === hashOf(after);
  return { kind: isCosmetic ? "cosmetic" : "semantic", diff: diffLines(before, after).lines };
}

function hashOf(text: string): string | undefined {
  try {
    return treeHash(text);
  } catch (error) {
    if (error instanceof ScriptError) return undefined;
    throw error;
  }
}
