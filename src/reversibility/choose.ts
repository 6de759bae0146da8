/** Which migrations are tried: all, those a branch brings, or those that are named. */
import type { MigrationFile } from "../migrate/file.ts";
import { readBase } from "../migrate/git.ts";
import type { Environment } from "../migrate/git.ts";
import { orderOf, unknownVersion } from "../migrate/plan.ts";

export interface Choice {
  /** A git revision such as `origin/main`. */
  readonly base: string | undefined;
  /** Versions as typed; with a base both must hold. */
  readonly only: readonly string[] | undefined;
  /** Variables for git. */
  readonly environment: Environment;
}

export interface Chosen {
  readonly files: readonly MigrationFile[];
  readonly base: { readonly name: string; readonly mergeBase: string } | null;
}

/**
 * Files that HEAD and the work tree have beyond the point where they left the base, and those they
 * have changed since: a new down section is worth as much as a new file.
 *
 * @throws PgwrightError `version-unknown`, `git-failed`.
 */
export async function chooseTested(
  directory: string,
  migrations: readonly MigrationFile[],
  { base, only, environment }: Choice,
): Promise<Chosen> {
  const orders = only?.map((version) => {
    const order = orderOf(version);
    if (!migrations.some((file) => file.order === order)) throw unknownVersion(version);
    return order;
  });
  const named = migrations.filter(({ order }) => orders?.includes(order) ?? true);
  if (base === undefined) return { files: named, base: null };
  const git = await readBase(directory, base, environment);
  const known = new Set(git.mergeBaseFiles);
  const changed = new Set(git.changes.map(({ name }) => name));
  return {
    files: named.filter(({ name }) => !known.has(name) || changed.has(name)),
    base: { name: base, mergeBase: git.mergeBase.slice(0, 12) },
  };
}
