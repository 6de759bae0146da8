/** A first policies/masking.yaml for a database: a rule for every column that needs one. */
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolders } from "../db/make-folders.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { Ignored } from "../pii/ignore.ts";
import { splitName } from "../pii/name-words.ts";
import type { PiiFinding } from "../pii/report.ts";
import { nameOf, readCatalog } from "./catalog.ts";
import { joinDomains } from "./domains.ts";
import { maskerNamed } from "./maskers/list.ts";
import { findPersonal, type PersonalData, sayEntity } from "./personal.ts";
import { stepsOf } from "./rules/cover.ts";
import { formatRulePath, type Step } from "./rules/path.ts";
import { ResolvedRules } from "./rules/resolve.ts";
import { findUnclassified, type Unclassified } from "./unclassified.ts";

export interface DraftOptions {
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Where it is written; undefined prints it only. */
  readonly path: string;
  readonly shownPath: string;
  readonly dryRun: boolean;
  /** Lines of policies/pii.yaml. */
  readonly ignored: readonly Ignored[];
  readonly events: EventListener;
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
  const { ledger, ignored, events } = options;
  const personal = await findPersonal(session, { ledger, ignored, readsRows: true, events });
  const found = findUnclassified({ catalog, personal }, none, joinDomains(catalog, none));
  const text = write(found, personal);
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
    await makeFolders(dirname(path));
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

/** The masker for what a column seems to hold; what is not here is scrambled. */
const byEntity: Readonly<Record<string, string>> = {
  email: "email",
  phone: "phone",
  username: "username",
  birth_date: "date_shift",
  age: "noise",
  gender: "shuffle",
  photo: "url",
  social_profile: "url",
  address: "street",
  postal_code: "postcode",
  city: "city",
  country: "country",
  payment_card: "card",
  crypto_wallet: "hash",
  income: "noise",
  ip_address: "ip",
  mac_address: "mac",
  device_id: "hash",
  online_id: "hash",
  password: "hash",
  secret: "hash",
  free_text: "lorem",
};

function maskerFor({ entity, column, path }: PiiFinding): string {
  const words = new Set(splitName(path ?? column));
  const has = (...some: readonly string[]) => some.some((word) => words.has(word));
  if (entity === "person_name") {
    if (
      has("first", "given", "fore", "forename", "firstname", "fname", "middle", "vorname", "prenom")
    )
      return "first_name";
    if (has("last", "family", "surname", "lastname", "lname", "maiden", "nachname", "apellido"))
      return "last_name";
    return "full_name";
  }
  if (entity === "bank_account") return has("iban") ? "iban" : "scramble";
  return byEntity[entity] ?? "scramble";
}

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

/** Hex digits from which on `hash` keeps values apart. */
const leastHash = 16;

const emptyList = "{ mask: fixed, value: '{}' }";

interface DraftRule {
  readonly table: string;
  readonly key: string;
  readonly masker: string;
  readonly why: string;
}

function write(found: readonly Unclassified[], personal: PersonalData): string {
  const rules = found.flatMap((one) => draft(one, personal));
  const lines = [
    "# yaml-language-server: $schema=https://unpkg.com/pgwright/schema/masking.json",
    "# A draft: go through it, then run `pgwright anonymize check` and `pgwright anonymize preview`.",
    "defaults:",
    "  unclassified: fail",
    rules.length === 0 ? "tables: {}" : "tables:",
  ];
  // The same address is masked alike wherever it stands.
  const isEmailShared = rules.filter(({ masker }) => masker === "email").length > 1;
  let open = "";
  for (const { table, key, masker, why } of rules) {
    if (table !== open) lines.push(`  ${quote(table)}:`, "    columns:");
    open = table;
    const rule =
      masker === "null"
        ? "{ mask: null }"
        : masker === "email" && isEmailShared
          ? "{ mask: email, domain: email }"
          : masker;
    lines.push(`      ${quote(key)}: ${rule} # ${why}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The rule of a column; of a document one for each path that was found, and one for the rest. */
function draft(one: Unclassified, personal: PersonalData): DraftRule[] {
  const { table, column, type } = one;
  const kind = type.element?.kind ?? type.kind;
  const about = (steps: readonly Step[], masker: string, why: string): DraftRule => ({
    table: nameOf(table),
    key: formatRulePath({ column: column.name, steps }),
    masker,
    why,
  });
  const [best] = personal.all(table, column.name);
  const any = `${column.typeName}, can hold anything`;
  if (one.overruled) {
    const reason = `by a sample of its rows not ${sayEntity(one.overruled.entity)}`;
    return [about([], `{ keep: true, reason: ${quote(reason)} }`, "only its name says so")];
  }
  if (kind !== "json") {
    const why = best && (best.level === "possible" ? `possibly ${say(best)}` : say(best));
    return [about([], suggest(one, best), why ?? any)];
  }
  const paths = new Map<string, DraftRule>();
  for (const found of personal.of(table, column.name)) {
    const steps = found.path === undefined ? [] : stepsOf(column.name, found.path);
    const masker = maskerFor(found);
    const takesText = maskerNamed(masker)?.accepts;
    // A path below keys that are values cannot be written; `**` reaches it.
    if (steps.length === 0 || !steps.every((step) => step !== "map")) continue;
    if (masker === "scramble" || (takesText !== "any" && !takesText?.includes("text"))) continue;
    const rule = about(steps, masker, say(found));
    if (!paths.has(rule.key)) paths.set(rule.key, rule);
  }
  // A rule for a value would be one for all that is in it, which has rules of its own.
  for (const key of paths.keys()) {
    const isAround = (other: string) => other !== key && /^[.[]/.test(other.slice(key.length));
    if ([...paths.keys()].some((other) => other.startsWith(key) && isAround(other))) {
      paths.delete(key);
    }
  }
  return [...paths.values(), about(["**"], "scramble", paths.size > 0 ? "the rest of it" : any)];
}

const say = ({ entity }: PiiFinding) => sayEntity(entity);

function suggest({ table, column, type }: Unclassified, found: PiiFinding | undefined): string {
  const kind = type.element?.kind ?? type.kind;
  const isUnique = table.uniques.some(({ uses }) => uses.includes(column.name));
  const meant = found && maskerFor(found);
  const masker = meant === undefined ? undefined : maskerNamed(meant);
  const takes = masker && (masker.accepts === "any" || masker.accepts.includes(kind));
  const keepsApart = (name: string) => !isUnique || maskerNamed(name)?.uniqueness !== "lossy";
  if (meant !== undefined && takes && keepsApart(meant)) return meant;
  if (isUnique && kind === "text") {
    return (type.maxLength ?? leastHash) < leastHash ? "shuffle" : "hash";
  }
  const usual = byKind[kind];
  if (usual !== undefined) return keepsApart(usual) ? usual : "shuffle";
  if (!column.isNotNull) return "null";
  // Nothing of it is left; a single value that cannot be left out goes to another row.
  return type.kind === "array" ? emptyList : "shuffle";
}

function quote(text: string): string {
  return /^[A-Za-z_][\w.]*$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
