/** What a branch did to migrations that others may have applied already. */
import { join } from "node:path";
import { shellWord } from "../db/shell-word.ts";
import type { Finding } from "../findings.ts";
import { compareSql } from "./compare.ts";
import type { MigrationFile } from "./file.ts";
import type { DirectorySetting } from "./directory-at.ts";
import { readBase } from "./git.ts";
import type { ComparedBase, GitBase } from "./git.ts";
import { nextNumber, parseName } from "./name.ts";
import type { MigrationName } from "./name.ts";
import type { Environment } from "./run-git.ts";
import { checksum, normalise, parseSections } from "./section.ts";

export interface BaseCheck {
  readonly compared: ComparedBase;
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
  setting: DirectorySetting | undefined,
): Promise<BaseCheck> {
  const git = await readBase(directory, base, environment, setting);
  const changed = await findChanged(directory, base, git, migrations);
  const fresh = findMisplaced(base, git, migrations);
  return { compared: git.compared, findings: [...changed, ...fresh] };
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
    const now = findSuccessor(fileName, named.name, git, migrations);
    const path = shellWord(join(directory, fileName));
    const movedFrom = git.movedFrom(fileName);
    const { mergeBase } = git.compared;
    const restore =
      movedFrom === undefined
        ? `\`git checkout ${mergeBase} -- ${path}\``
        : `\`git show ${shellWord(`${mergeBase}:${movedFrom}`)} > ${path}\``;
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
        message: `\`${fileName}\` is in ${base} and has changed since${now.name === fileName ? "" : ` (it is \`${now.name}\` now)`}: ${comparison}`,
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

/**
 * What a file of the merge base is now: itself, or the new file that took its number when it was
 * renamed. A new file with the number of one that is still there is a duplicate, and no successor.
 */
function findSuccessor(
  fileName: string,
  { order }: MigrationName,
  { changes, mergeBaseFiles }: GitBase,
  migrations: readonly MigrationFile[],
): MigrationFile | undefined {
  const isDeleted = changes.some(({ name, status }) => name === fileName && status === "deleted");
  return migrations.find((file) =>
    isDeleted
      ? file.order === order && !mergeBaseFiles.includes(file.name)
      : file.name === fileName,
  );
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

/** New files, whose numbers the merge base did not have, and where they stand in the base of today. */
function findMisplaced(
  base: string,
  git: GitBase,
  migrations: readonly MigrationFile[],
): Finding[] {
  const atMergeBase = new Set(versionedNames(git.mergeBaseFiles).map(({ name }) => name.order));
  const inBase = versionedNames(git.baseFiles);
  const highest = inBase.reduce<NamedFile | undefined>(
    (top, file) => (top && top.name.order >= file.name.order ? top : file),
    undefined,
  );
  if (!highest) return [];
  const newest = [...inBase.map(({ name }) => name), ...migrations].reduce((top, name) =>
    name.order > top.order ? name : top,
  );
  const hint = `give it the number ${nextNumber(newest)}, or say \`pgwright renumber --base ${shellWord(base)}\``;
  return migrations.flatMap(({ name, path, order }): Finding[] => {
    if (atMergeBase.has(order)) return [];
    const at = { file: path, line: 1, column: 1 };
    const twin = inBase.find((file) => file.name.order === order);
    if (twin) {
      // The same name is the same file, merged there already.
      if (twin.fileName === name) return [];
      const message = `\`${name}\` has the version of \`${twin.fileName}\` in ${base}`;
      return [{ rule: "migrations/duplicate-version", severity: "error", message, hint, at }];
    }
    if (order > highest.name.order) return [];
    const message = `\`${name}\` comes before \`${highest.fileName}\`, which is in ${base} already`;
    return [{ rule: "migrations/late", severity: "error", message, hint, at }];
  });
}

function versionedNames(fileNames: readonly string[]): NamedFile[] {
  return fileNames.flatMap((fileName) => versionedName(fileName) ?? []);
}

function versionedName(fileName: string): NamedFile | undefined {
  const parsed = parseName(fileName);
  return parsed.is === "migration" ? { fileName, name: parsed.name } : undefined;
}
