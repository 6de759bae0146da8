/** What a branch did to migrations that others may have applied already. */
import { join } from "node:path";
import type { Finding } from "../findings.ts";
import { compareSql } from "./compare.ts";
import type { MigrationFile } from "./file.ts";
import { readBase } from "./git.ts";
import type { Environment, GitBase } from "./git.ts";
import { parseName } from "./name.ts";
import type { MigrationName } from "./name.ts";
import { checksum, normalise, parseSections } from "./section.ts";

export interface BaseCheck {
  /** Short hash of the merge base. */
  readonly mergeBase: string;
  readonly findings: readonly Finding[];
}

interface NamedFile {
  readonly fileName: string;
  readonly name: MigrationName;
}

/**
 * Compares the migrations with those at the point where the work left `base`: files that were
 * changed or deleted, and new ones that come too late or take a number that `base` uses by now.
 *
 * @throws PgwrightError `git-failed`.
 */
export async function checkAgainstBase(
  directory: string,
  base: string,
  migrations: readonly MigrationFile[],
  environment: Environment,
): Promise<BaseCheck> {
  const git = await readBase(directory, base, environment);
  const changed = await findChanged(directory, base, git, migrations);
  const fresh = findMisplaced(base, git, migrations);
  return { mergeBase: git.mergeBase.slice(0, 12), findings: [...changed, ...fresh] };
}

async function findChanged(
  directory: string,
  base: string,
  git: GitBase,
  migrations: readonly MigrationFile[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { status, name: fileName } of git.changes) {
    const named = versionedName(fileName);
    if (!named || status === "added") continue;
    const now = migrations.find(({ order }) => order === named.name.order);
    const restore = `\`git checkout ${git.mergeBase.slice(0, 12)} -- ${join(directory, fileName)}\``;
    if (status === "deleted" && !now) {
      findings.push({
        rule: "migrations/deleted",
        severity: "error",
        message: `\`${fileName}\` is deleted, but it is in ${base}`,
        hint: `restore it with ${restore}, and write a new migration that undoes it`,
        at: { file: join(directory, fileName), line: 1, column: 1 },
      });
    } else if (now) {
      const before = upText(named, await git.read(fileName));
      const comparison = await compareUp(before, now);
      if (!comparison) continue;
      findings.push({
        rule: "migrations/changed",
        severity: "error",
        message: `\`${now.name}\` is in ${base} and has changed since: ${comparison}`,
        hint: `restore it with ${restore}, and put the change into a new migration`,
        at: {
          file: now.path,
          line: now.kind === "sql" ? (now.sections.up.line ?? 1) : 1,
          column: 1,
        },
        source: now.text,
      });
    }
  }
  return findings;
}

/** The hashed part of an old file; undefined where its layout was wrong. */
function upText({ name }: NamedFile, content: string): string | undefined {
  const text = normalise(content);
  return name.kind === "code" ? text : parseSections(text).sections?.up.text;
}

/** In words how the checksum's text changed; undefined when the checksum is the same. */
async function compareUp(
  before: string | undefined,
  now: MigrationFile,
): Promise<string | undefined> {
  if (before === undefined || now.checksum === checksum(before)) return undefined;
  if (now.kind === "code") return "its checksum differs";
  const { kind } = await compareSql(before, now.sections.up.text);
  return kind === "cosmetic"
    ? "comments or white space of the up section, which its checksum covers"
    : "the up section does something else";
}

function findMisplaced(
  base: string,
  git: GitBase,
  migrations: readonly MigrationFile[],
): Finding[] {
  const inBase = git.baseFiles.flatMap((fileName) => versionedName(fileName) ?? []);
  const highest = inBase.reduce<NamedFile | undefined>(
    (top, file) => (top && top.name.order >= file.name.order ? top : file),
    undefined,
  );
  if (!highest) return [];
  const known = new Set(inBase.map(({ fileName }) => fileName));
  // A file that the merge base had is an old acquaintance, even if `base` renamed it since.
  const added = new Set(
    git.changes.filter(({ status }) => status === "added").map(({ name }) => name),
  );
  const isTracked = (name: string) => !added.has(name) && known.has(name);
  const next = maximum(migrations.map(({ order }) => order).concat(highest.name.order)) + 1n;
  return migrations.flatMap((migration): Finding[] => {
    if (isTracked(migration.name) || known.has(migration.name)) return [];
    const at = { file: migration.path, line: 1, column: 1 };
    const twin = inBase.find(({ name }) => name.order === migration.order);
    if (twin) {
      if (isRenameOf(twin, migrations, git)) return [];
      return [
        {
          rule: "migrations/duplicate-version",
          severity: "error",
          message: `\`${migration.name}\` has the version of \`${twin.fileName}\` in ${base}`,
          hint: `give it the number ${next}`,
          at,
        },
      ];
    }
    if (migration.order > highest.name.order) return [];
    return [
      {
        rule: "migrations/late",
        severity: "error",
        message: `\`${migration.name}\` comes before \`${highest.fileName}\`, which is in ${base} already`,
        hint: `give it the number ${next}`,
        at,
      },
    ];
  });
}

/** True when the base's file of that version is gone here: the new name replaces it. */
function isRenameOf(twin: NamedFile, migrations: readonly MigrationFile[], git: GitBase): boolean {
  const isGone = git.changes.some(
    ({ status, name }) => status === "deleted" && name === twin.fileName,
  );
  return isGone && !migrations.some(({ name }) => name === twin.fileName);
}

function versionedName(fileName: string): NamedFile | undefined {
  const parsed = parseName(fileName);
  return parsed.is === "migration" ? { fileName, name: parsed.name } : undefined;
}

function maximum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((top, number) => (number > top ? number : top), 0n);
}
