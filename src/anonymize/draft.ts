/** A first policies/masking.yaml for a database: a rule for every column that needs one. */
import { writeFile } from "node:fs/promises";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { nameOf, readCatalog } from "./catalog.ts";
import { joinDomains } from "./domains.ts";
import { maskerNamed } from "./maskers/list.ts";
import { formatRulePath } from "./rules/path.ts";
import { ResolvedRules } from "./rules/resolve.ts";
import { findUnclassified, type Unclassified } from "./unclassified.ts";

export interface DraftOptions {
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Where it is written; undefined prints it only. */
  readonly path: string;
  readonly shownPath: string;
  readonly dryRun: boolean;
}

export interface Draft {
  readonly file: string;
  readonly text: string;
  readonly columns: number;
  readonly isWritten: boolean;
}

/** @throws PgwrightError `file-exists`, `file-unwritable`. */
export async function draftRules(session: Session, options: DraftOptions): Promise<Draft> {
  const catalog = await readCatalog(session, options.ledger);
  const none = new ResolvedRules(catalog);
  const found = findUnclassified(catalog, none, joinDomains(catalog, none));
  const text = write(found);
  if (!options.dryRun) await save(options, text);
  return {
    file: options.shownPath,
    text,
    columns: found.length,
    isWritten: !options.dryRun,
  };
}

async function save({ path, shownPath }: DraftOptions, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new PgwrightError("file-exists", `${shownPath} exists already`, {
        hint: "pgwright anonymize init --dry-run prints a draft to compare with; pgwright anonymize check names what it lacks",
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PgwrightError("file-unwritable", `${shownPath} could not be written: ${why}`, {
      cause,
    });
  }
}

/** The masker for what a name says a column holds; those that are not here are scrambled. */
const byEntity: Readonly<Record<string, string>> = {
  email: "email",
  phone: "phone",
  "first name": "first_name",
  "last name": "last_name",
  "full name": "full_name",
  username: "username",
  "date of birth": "date_shift",
  gender: "shuffle",
  street: "street",
  city: "city",
  postcode: "postcode",
  iban: "iban",
  card: "card",
  ip: "ip",
  password: "hash",
  photo: "url",
  wallet: "hash",
};

/** Where a masker for the meaning does not take the type, or would not keep a key unique. */
const byKind: Readonly<Record<string, string>> = {
  text: "scramble",
  json: "scramble",
  network: "ip",
  mac: "mac",
  bytes: "hash",
  date: "date_shift",
  timestamp: "date_shift",
  integer: "integer",
  number: "noise",
  uuid: "uuid",
  enum: "shuffle",
};

function write(found: readonly Unclassified[]): string {
  const lines = [
    "# yaml-language-server: $schema=https://unpkg.com/pgwright/schema/masking.json",
    "# A draft: go through it, then run `pgwright anonymize check` and `pgwright anonymize preview`.",
    "defaults:",
    "  unclassified: fail",
    found.length === 0 ? "tables: {}" : "tables:",
  ];
  const emails = found.filter(({ entity }) => entity === "email").length;
  let table = "";
  for (const one of found) {
    if (nameOf(one.table) !== table) {
      table = nameOf(one.table);
      lines.push(`  ${quote(table)}:`, "    columns:");
    }
    lines.push(`      ${line(one, emails > 1)}`);
  }
  return `${lines.join("\n")}\n`;
}

function line(one: Unclassified, isEmailShared: boolean): string {
  const { column, type, entity } = one;
  const kind = type.element?.kind ?? type.kind;
  const masker = suggest(one);
  const key = quote(formatRulePath({ column: column.name, steps: kind === "json" ? ["**"] : [] }));
  const why = entity === undefined ? `# ${column.typeName}, can hold anything` : `# ${entity}`;
  if (masker === "email" && isEmailShared) return `${key}: { mask: email, domain: email } ${why}`;
  return masker === "null" ? `${key}: { mask: null } ${why}` : `${key}: ${masker} ${why}`;
}

function suggest({ table, column, type, entity }: Unclassified): string {
  const kind = type.element?.kind ?? type.kind;
  if (kind === "json") return "scramble";
  const isUnique = table.uniques.some(({ uses }) => uses.includes(column.name));
  const meant = entity === undefined ? undefined : byEntity[entity];
  const masker = meant === undefined ? undefined : maskerNamed(meant);
  const takes = masker && (masker.accepts === "any" || masker.accepts.includes(kind));
  if (meant !== undefined && takes && (!isUnique || masker.uniqueness !== "lossy")) return meant;
  if (isUnique && kind === "text") return "hash";
  return byKind[kind] ?? (column.isNotNull ? "shuffle" : "null");
}

function quote(text: string): string {
  return /^[A-Za-z_][\w.]*$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
