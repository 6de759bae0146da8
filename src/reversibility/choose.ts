/** Which migrations are tried: all, those a branch brings, or those that are named. */
import type { MigrationDirectory, MigrationFile } from "../migrate/file.ts";
import type { DirectorySetting } from "../migrate/directory-at.ts";
import { readBase } from "../migrate/git.ts";
import type { ComparedBase } from "../migrate/git.ts";
import { orderOf, unknownVersion } from "../migrate/plan.ts";
import type { Environment } from "../migrate/run-git.ts";

export interface Choice {
  /** A git revision such as `origin/main`. */
  readonly base: string | undefined;
  /** Versions as typed; with a base both must hold. */
  readonly only: readonly string[] | undefined;
  /** Variables for git. */
  readonly environment: Environment;
  /** How the base says where its migrations are. */
  readonly setting?: DirectorySetting | undefined;
}

export interface Chosen {
  readonly files: readonly MigrationFile[];
  /** Repeatable files that the base has as they are: there, they stand beside the new migrations. */
  readonly standing: readonly string[];
  /** A repeatable file is new or another one; true of any where there is no base. */
  readonly hasNewRepeatable: boolean;
  readonly base: ComparedBase | null;
}

/**
 * Files that HEAD and the work tree have beyond the point where they left the base, and those they
 * have changed since: a new down section is worth as much as a new file.
 *
 * @throws PgwrightError `version-unknown`, `git-failed`.
 */
export async function chooseTested(
  directory: string,
  { migrations, repeatables }: MigrationDirectory,
  { base, only, environment, setting }: Choice,
): Promise<Chosen> {
  const orders = only?.map((version) => {
    const order = orderOf(version);
    if (!migrations.some((file) => file.order === order)) throw unknownVersion(version);
    return order;
  });
  const named = migrations.filter(({ order }) => orders?.includes(order) ?? true);
  if (base === undefined) {
    return { files: named, standing: [], hasNewRepeatable: repeatables.length > 0, base: null };
  }
  const git = await readBase(directory, base, environment, setting);
  const known = new Set(git.mergeBaseFiles);
  const changed = new Set(git.changes.map(({ name }) => name));
  const isNew = ({ name }: { readonly name: string }) => !known.has(name) || changed.has(name);
  const files = named.filter(isNew);
  const fresh = repeatables.filter(isNew);
  const isBehind = files.every(({ order }) =>
    migrations.every((one) => one.order < order || isNew(one)),
  );
  const standing = isBehind ? repeatables.filter((one) => !isNew(one)) : [];
  return {
    files,
    standing: standing.map(({ name }) => name),
    hasNewRepeatable: fresh.length > 0,
    base: git.compared,
  };
}
