/** File names of migrations: `{version}_{timestamp}_{description}.sql`, and `R_{description}.sql`. */

export interface MigrationName {
  /** As written: "001". */
  readonly version: string;
  /** Versions are numbers: `1` and `001` are the same. */
  readonly order: bigint;
  /** 8 or 14 digits, UTC. */
  readonly timestamp: string | undefined;
  /** As the ledger shows it: "initial schema". */
  readonly description: string;
  readonly kind: "sql" | "code";
}

export type ParsedName =
  | { readonly is: "migration"; readonly name: MigrationName }
  | { readonly is: "repeatable"; readonly description: string }
  /** Nothing of ours: a README, a dotfile, a module that migrations import. */
  | { readonly is: "other" }
  | {
      readonly is: "bad";
      readonly rule: NameRule;
      readonly message: string;
      readonly hint: string;
    };

export type NameRule =
  | "migrations/bad-name"
  | "migrations/wrong-extension"
  | "migrations/left-over-file";

const codeExtensions = ["ts", "js", "mjs"] as const;
const namePattern = "{version}_{description}.sql or {version}_{timestamp}_{description}.sql";

const leftOver = /(?:~|\.(?:bak|backup|orig|rej|tmp|old|save|swp))$/i;
const scriptLike = /\.(?:[cm]?[jt]sx?|sql)$/i;

/** What a file in the migrations directory is, by its name alone. */
export function parseName(fileName: string): ParsedName {
  // macOS hands out decomposed letters: the same name must mean the same on every machine.
  const name = fileName.normalize("NFC");
  if (/^[._]/.test(name) || /\.d\.[cm]?ts$/.test(name)) return { is: "other" };
  const dot = name.indexOf(".");
  const stem = dot < 0 ? name : name.slice(0, dot);
  const extension = dot < 0 ? "" : name.slice(dot + 1);
  const isOurs = /^(?:[0-9]+|[Rr])_/.test(stem);
  if (!isOurs && !scriptLike.test(name)) return { is: "other" };
  if (isOurs && leftOver.test(name)) {
    return bad(
      "migrations/left-over-file",
      `\`${fileName}\` looks like an editor's backup and is not read`,
      "delete it",
    );
  }
  if (/^[Rr]_/.test(stem)) return parseRepeatable(fileName, stem, extension);
  return parseVersioned(fileName, stem, extension);
}

function parseRepeatable(fileName: string, stem: string, extension: string): ParsedName {
  if (extension !== "sql") {
    return bad(
      "migrations/wrong-extension",
      `\`${fileName}\` does not end in \`.sql\``,
      "repeatable migrations are SQL files: R_{description}.sql",
    );
  }
  const description = stem.slice(2);
  if (!stem.startsWith("R") || !isDescription(description)) {
    return bad(
      "migrations/bad-name",
      `\`${fileName}\` is not a valid name for a repeatable migration`,
      "name it R_{description}.sql, with letters, digits, `_` and `-` in the description",
    );
  }
  return { is: "repeatable", description: spoken(description) };
}

function parseVersioned(fileName: string, stem: string, extension: string): ParsedName {
  const [, version, timestamp, description] =
    /^([0-9]+)_(?:([0-9]{8}|[0-9]{14})(?:_|$))?(.*)$/.exec(stem) ?? [];
  if (version === undefined || description === undefined) {
    return bad(
      "migrations/bad-name",
      /^[0-9]/.test(stem)
        ? `\`${fileName}\` has no \`_\` between its version number and its description`
        : `\`${fileName}\` does not begin with a version number`,
      `name it ${namePattern}; files that begin with \`_\` or \`.\` are not read`,
    );
  }
  if (/^(?:up|down|do|undo)\.sql$/.test(extension)) {
    return bad(
      "migrations/wrong-extension",
      `\`${fileName}\` holds one direction only`,
      `put both into ${stem}.sql, after \`-- migrate:up\` and \`-- migrate:down\``,
    );
  }
  const kind = kindOf(extension);
  if (kind === undefined) {
    return bad(
      "migrations/wrong-extension",
      `\`${fileName}\` ends in neither .sql nor .${codeExtensions.join(", .")}`,
      "rename it, or begin its name with `_` if it is no migration",
    );
  }
  if (timestamp !== undefined && !isTimestamp(timestamp)) {
    return bad(
      "migrations/bad-name",
      `\`${timestamp}\` in \`${fileName}\` is not a date`,
      "write the timestamp as YYYYMMDD or YYYYMMDDHHMMSS, or leave it out",
    );
  }
  if (!isDescription(description)) {
    return bad(
      "migrations/bad-name",
      description === ""
        ? `\`${fileName}\` has no description`
        : `\`${fileName}\` has a description with other signs than letters, digits, \`_\` and \`-\``,
      `name it ${namePattern}`,
    );
  }
  return {
    is: "migration",
    name: { version, order: BigInt(version), timestamp, description: spoken(description), kind },
  };
}

function kindOf(extension: string): "sql" | "code" | undefined {
  if (extension === "sql") return "sql";
  return (codeExtensions as readonly string[]).includes(extension) ? "code" : undefined;
}

/** True for 8 or 14 digits that are a real date (and time). */
export function isTimestamp(digits: string): boolean {
  const parts = /^(\d{4})(\d{2})(\d{2})(?:([01]\d|2[0-3])([0-5]\d)([0-5]\d))?$/.exec(digits);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0] = parts.slice(1, 4).map(Number);
  // Day 0 of the next month is the last of this one.
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
  );
}

/** True for a description that can be part of a file name. */
function isDescription(text: string): boolean {
  if (text.startsWith("_")) return false;
  // V8 takes a millisecond to compile the classes of Unicode, and most names do without.
  if (/^[\w-]+$/.test(text)) return /[a-z0-9]/i.test(text);
  return /^[\p{L}\p{M}\p{N}_-]+$/u.test(text) && /[\p{L}\p{N}]/u.test(text);
}

/** One more than this version, written with as many digits. */
export function nextNumber({ version, order }: Pick<MigrationName, "version" | "order">): string {
  return String(order + 1n).padStart(version.length, "0");
}

function spoken(description: string): string {
  return description.replace(/_+/g, " ").trim();
}

function bad(rule: NameRule, message: string, hint: string): ParsedName {
  return { is: "bad", rule, message, hint };
}
