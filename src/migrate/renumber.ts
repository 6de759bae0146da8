/** `pgwright renumber`: moves files that nobody has applied behind those that others have. */
import { lstat, readdir, rename as renameFile } from "node:fs/promises";
import { join } from "node:path";
import { PgwrightError } from "../errors.ts";
import type { DirectorySetting } from "./directory-at.ts";
import { readMigrations } from "./file.ts";
import { readBase } from "./git.ts";
import type { Ledger } from "./ledger.ts";
import { parseName } from "./name.ts";
import type { MigrationName } from "./name.ts";
import { nextVersion } from "./new.ts";
import type { Environment } from "./run-git.ts";

export interface RenumberOptions {
  /** Files of this git revision are merged, all others are not. Without it, the ledger decides. */
  readonly base?: string | undefined;
  /** What a database has applied; its files are never renamed. Undefined: no database was asked. */
  readonly ledger: Ledger | undefined;
  /** The database's name, for messages. */
  readonly database: string;
  readonly dryRun: boolean;
  /** Variables for git. */
  readonly environment: Environment;
  /** How the base says where its migrations are. */
  readonly setting?: DirectorySetting | undefined;
  readonly now: Date;
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

export interface RenumberResult {
  /** In the order of their new versions. */
  readonly renamed: readonly Renaming[];
  /** Files that are not merged and stand behind the last one already. */
  readonly kept: readonly string[];
  /** The last file that stays where it is, null where there is none. */
  readonly last: string | null;
  /** The revision that was compared with; null where the ledger decided. */
  readonly base: string | null;
  /** What should be known of the base where it has the migrations elsewhere, or none. */
  readonly note: string | null;
}

interface Named extends MigrationName {
  readonly file: string;
}

/**
 * Gives every unmerged file that stands before a merged one, or has its version, the next version
 * behind all merged ones. Unmerged files keep their order among themselves, and their version where
 * they can.
 *
 * @throws PgwrightError `git-failed`, `migrations-unreadable`, `renumber-refused` when the ledger
 *   holds a file that would be renamed; `file-exists`, `file-unwritable` with what was renamed.
 */
export async function renumber(
  directory: string,
  options: RenumberOptions,
): Promise<RenumberResult> {
  const held = options.ledger && (await findHeld(directory, options.ledger));
  const files = await listVersioned(directory);
  const { settled, open, note } =
    options.base === undefined
      ? divideByLedger(files, options.ledger, held)
      : await divideByBase(directory, options.base, files, options);
  const last = settled.reduce<Named | undefined>(
    (top, file) => (top && top.order >= file.order ? top : file),
    undefined,
  );
  const plan = planRenamings(open, last, options.now);
  refuseHeld(plan, held, options.database);
  if (!options.dryRun) await rename(directory, plan);
  const moved = new Set(plan.map(({ from }) => from));
  return {
    renamed: plan,
    kept: open.map(({ file }) => file).filter((file) => !moved.has(file)),
    last: last?.file ?? null,
    base: options.base ?? null,
    note,
  };
}

/** New names in ascending order. Versions only grow, so the last one can always be moved first. */
function planRenamings(open: readonly Named[], last: Named | undefined, now: Date): Renaming[] {
  const renamings: Renaming[] = [];
  let newest: MigrationName | undefined = last;
  for (const file of open) {
    if (newest === undefined || file.order > newest.order) {
      newest = file;
      continue;
    }
    const version = nextVersion(newest, now);
    renamings.push({ from: file.file, to: version + file.file.slice(file.version.length) });
    newest = { ...file, version, order: BigInt(version) };
  }
  return renamings;
}

async function listVersioned(directory: string): Promise<Named[]> {
  return (await readdir(directory)).flatMap(named).sort(byOrder);
}

function named(file: string): Named[] {
  const parsed = parseName(file);
  return parsed.is === "migration" ? [{ ...parsed.name, file }] : [];
}

function byOrder(a: Named, b: Named): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.file < b.file ? -1 : 1;
}

interface Division {
  /** Merged files, those that are not here (yet) included. */
  readonly settled: readonly Named[];
  /** Files that may still get another name. */
  readonly open: readonly Named[];
  readonly note: string | null;
}

async function divideByBase(
  directory: string,
  base: string,
  files: readonly Named[],
  { environment, setting }: Pick<RenumberOptions, "environment" | "setting">,
): Promise<Division> {
  const git = await readBase(directory, base, environment, setting);
  const merged = new Set([...git.mergeBaseFiles, ...git.baseFiles]);
  const here = new Set(files.map(({ file }) => file));
  // A merged file that was renamed here is still a merged one; `validate --base` tells of it.
  const renamed = new Set(
    git.mergeBaseFiles
      .flatMap(named)
      .filter(({ file }) => !here.has(file))
      .map(({ order }) => order),
  );
  return {
    settled: git.baseFiles.flatMap(named),
    open: files.filter(({ file, order }) => !merged.has(file) && !renamed.has(order)),
    note: git.compared.note,
  };
}

function divideByLedger(
  files: readonly Named[],
  ledger: Ledger | undefined,
  held: ReadonlyMap<string, Hold> | undefined,
): Division {
  const settled = (ledger?.applied ?? []).map((row): Named => {
    const file = row.file ?? row.version;
    return { ...row, file, timestamp: undefined, kind: "sql" };
  });
  return { settled, open: files.filter(({ file }) => !held?.has(file)), note: null };
}

/** How the ledger holds a file. */
type Hold = "applied" | "begun";

/** The files that the ledger holds, by name. */
async function findHeld(directory: string, ledger: Ledger): Promise<Map<string, Hold>> {
  const { migrations } = await readMigrations(directory);
  const checksums = new Map(migrations.map((file) => [file.name, file.checksum]));
  const held = new Map<string, Hold>();
  for (const { file, order } of await listVersioned(directory)) {
    const row = ledger.applied.find((applied) => applied.order === order);
    const isApplied =
      row !== undefined &&
      (row.file === file ||
        (row.checksum !== "" && row.checksum === checksums.get(file)) ||
        // Nobody recorded a name or a content: the number is all there is.
        (row.file === null && row.checksum === ""));
    const isBegun = !row && ledger.journals.some((journal) => journal.order === order);
    if (isApplied || isBegun) held.set(file, isApplied ? "applied" : "begun");
  }
  return held;
}

function refuseHeld(
  plan: readonly Renaming[],
  held: ReadonlyMap<string, Hold> | undefined,
  database: string,
): void {
  const taken = plan.filter(({ from }) => held?.has(from));
  if (taken.length === 0) return;
  const begun = taken.filter(({ from }) => held?.get(from) === "begun");
  const applied = taken.filter((one) => !begun.includes(one));
  const named = (files: readonly Renaming[], how: string) =>
    files.length === 0
      ? []
      : `${files.map(({ from }) => `\`${from}\``).join(", ")} ${files.length === 1 ? "is" : "are"} ${how} to database ${database}`;
  const undone = begun.map(
    ({ from }) => `\`pgwright repair reverted ${/^[0-9]*/.exec(from)?.[0]} --reason "…"\``,
  );
  const ways = [
    ...(begun.length === 0
      ? []
      : [
          `undo there by hand what the half of it did, say ${undone.join(", ")}, and rename then; or finish it with \`pgwright migrate\`, which needs it as it is called now`,
        ]),
    ...(applied.length === 0
      ? []
      : [
          "roll it back there first (`pgwright rollback`), rename, and apply it again; a database that others use needs a new migration instead",
        ]),
  ];
  throw new PgwrightError(
    "renumber-refused",
    [named(applied, "applied"), named(begun, "half applied")].flat().join("; "),
    {
      notes: [
        ...plan.map(({ from, to }) => `would be renamed: ${from} to ${to}`),
        "nothing was renamed",
      ],
      hint: ways.join("; "),
    },
  );
}

/** From the last one on, so that a name that is taken by the next file is free by then. */
async function rename(directory: string, plan: readonly Renaming[]): Promise<void> {
  const done: string[] = [];
  for (const { from, to } of plan.toReversed()) {
    const more = {
      notes: done.length > 0 ? done : ["nothing was renamed"],
      hint: "run it again: what is renamed stays, the rest follows",
    };
    if (await isThere(join(directory, to))) {
      const message = `\`${to}\` exists already, so \`${from}\` could not get that name`;
      throw new PgwrightError("file-exists", message, more);
    }
    try {
      await renameFile(join(directory, from), join(directory, to));
    } catch (cause) {
      const why = (cause as Error).message.replace(/, \w+ '.*$/s, "");
      const message = `\`${from}\` could not be renamed: ${why}`;
      throw new PgwrightError("file-unwritable", message, { ...more, cause });
    }
    done.push(`renamed: ${from} to ${to}`);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
