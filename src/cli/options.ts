/** Options that several commands share, each worded once. */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Commands declare options with it, and import the parser's package through this file only. */
export { Option };

export const outputFormats = ["text", "json", "github", "sarif"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** What the options before or after any command say. */
export interface GlobalOptions {
  readonly url?: string;
  readonly directUrl?: string;
  readonly config?: string;
  readonly env?: string;
  readonly dir?: string;
  readonly embedded?: boolean;
  readonly format: OutputFormat;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly yes: boolean;
  readonly confirm?: string;
  /** Seconds to wait for a server that is still starting. */
  readonly wait: number;
  readonly color: boolean;
  readonly lockTimeout?: string;
  readonly lockBudget?: string;
  readonly statementTimeout?: string;
}

/**
 * Every global option, by group; help, completion and the reference pages come from this list. The
 * configuration reads the variables of those without `.env()` itself, so that it can tell a flag
 * from a variable.
 */
export function globalOptions(): Option[] {
  return [
    ...group("Database options:", [
      new Option("--url <url>", "the database to use"),
      new Option("--direct-url <url>", "the same database without its pooler"),
      new Option("--env <name>", "the environment of pgwright.yaml to use"),
      new Option("--embedded", "use the embedded server"),
      new Option("--wait <seconds>", "wait for a server that is still starting")
        .env("PGWRIGHT_WAIT")
        .argParser(parseSeconds),
    ]),
    ...group("File options:", [
      new Option("--config <file>", "the configuration file"),
      new Option("--dir <directory>", "the migrations directory"),
    ]),
    ...group("Output options:", [
      new Option("--format <format>", "text, json, github or sarif")
        .choices(outputFormats)
        .env("PGWRIGHT_FORMAT"),
      new Option("--json", "short for --format json"),
      new Option("-q, --quiet", "print only results and errors").env("PGWRIGHT_QUIET"),
      new Option("-v, --verbose", "say more, with stack traces of errors").env("PGWRIGHT_VERBOSE"),
      new Option("--no-color", "print without colour").env("PGWRIGHT_NO_COLOR"),
    ]),
    ...group("Consent options:", [
      new Option("-y, --yes", "answer yes to plain questions").env("PGWRIGHT_YES"),
      new Option("--confirm <database>", "confirm destructive work by its name").env(
        "PGWRIGHT_CONFIRM",
      ),
    ]),
    ...group("Limit options:", [
      new Option("--lock-timeout <duration>", "longest wait for one table lock"),
      new Option("--lock-budget <duration>", "longest time over all tries for one lock"),
      new Option("--statement-timeout <duration>", "longest run of one statement"),
    ]),
  ];
}

function group(heading: string, options: readonly Option[]): Option[] {
  return options.map((option) => option.helpGroup(heading));
}

/** The variable that says the same as a global option; `--json` has none of its own. */
export function variableOf(option: Option): string | undefined {
  if (option.long === undefined || option.long === "--json") return undefined;
  return `PGWRIGHT_${option.long.slice(2).replaceAll("-", "_").toUpperCase()}`;
}

/** `-n, --dry-run`: print what would be done (SQL, unless `what` says otherwise), change nothing. */
export function dryRun(what = "the SQL that would run") {
  return new Option("-n, --dry-run", `print ${what} and change nothing`)
    .env("PGWRIGHT_DRY_RUN")
    .default(false);
}

/** `--fail-on`: turns a report into a check. */
export function failOn() {
  return new Option(
    "--fail-on <severity>",
    "exit 1 when a finding is at least this severe",
  ).choices(["error", "warning", "info"] as const);
}

/** `--key-file`: where the key that masks are drawn with stands. */
export function keyFile() {
  return new Option(
    "--key-file <file>",
    "the file with the key, 64 hex digits; otherwise PGWRIGHT_ANON_KEY holds it",
  ).env("PGWRIGHT_KEY_FILE");
}

/** `--ephemeral-key`: a key that nobody can use again. */
export function ephemeralKey() {
  return new Option(
    "--ephemeral-key",
    "make a key for this run and forget it: no other run gives the same masks",
  ).default(false);
}

/** `--allow-data-loss`: the one consent to losing rows or values. */
export function allowDataLoss() {
  return new Option("--allow-data-loss", "go on although rows or values are lost").default(false);
}

/** `--online`: what would block others runs in its safe form. */
export function online() {
  return new Option("--online", "let others go on: run what would block them in its safe form");
}

/** `--no-online`: its opposite. */
export function notOnline() {
  return new Option(
    "--no-online",
    "run all as it is written, whatever migrations.online says",
  ).default(undefined);
}

/** `--keep-data`: what would be lost comes back with the migration. */
export function keepData() {
  return new Option(
    "--keep-data",
    "keep what would be lost, and put it back when the migration is applied again",
  ).default(false);
}

/** Parses a positive whole number; the message names the option by commander itself. */
export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("Give a number from 1.");
  return Number(text);
}

/** Parses a factor above 0: "10", "0.5". */
export function parseScale(text: string): number {
  const factor = /^[0-9]{1,7}([.][0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (factor === 0) {
    throw new InvalidArgumentError(
      "Give a number above 0, as 10 or 0.5: 7 digits at most, and 6 after the point.",
    );
  }
  return factor;
}

/** Parses the name of an environment variable, as shells and .env files take it. */
export function parseVariable(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) {
    throw new InvalidArgumentError("Give a name of letters, digits and `_`.");
  }
  return text;
}

/** Collects numbers of transactions of a repeated option. */
export function parseTransaction(text: string, before: string[] | undefined): string[] {
  if (!/^[0-9]{1,20}$/.test(text)) throw new InvalidArgumentError("Give a transaction's number.");
  return [...(before ?? []), text];
}

/** Parses a version: "7", "007" or a whole file name. */
export function parseVersion(text: string): string {
  if (!/^[0-9]/.test(text)) throw new InvalidArgumentError("A version begins with its digits.");
  return text;
}

/** Parses a supported major version of PostgreSQL. */
export function parseServerVersion(text: string): number {
  if (!/^1[5-8]$/.test(text)) throw new InvalidArgumentError("Give 15, 16, 17 or 18.");
  return Number(text);
}

/** Parses a SHA-256. */
export function parseHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("Give 64 hex digits.");
  return text;
}

/** Parses a whole number of seconds. */
export function parseSeconds(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new InvalidArgumentError("Give a number of seconds.");
  return Number(text);
}

/** Parses an age in days or hours, "30d", "12h", or 0; gives seconds. */
export function parseAge(text: string): number {
  const [, amount, unit] = /^([0-9]{1,5})(h|d)$/.exec(text) ?? [];
  if (text === "0") return 0;
  if (amount === undefined) throw new InvalidArgumentError("Give an age: 30d, 12h or 0.");
  return Number(amount) * (unit === "d" ? 86_400 : 3600);
}

/** `--lock-wait`: how long to wait for another process. */
export function lockWait(whom = "another migrator") {
  return new Option("--lock-wait <seconds>", `longest wait for ${whom}`)
    .default(300)
    .argParser(parseSeconds);
}

/** `--reason`: goes into the log. */
export function reason() {
  return new Option("--reason <text>", "why; it is stored in the log").makeOptionMandatory();
}

/** Shells with a completion script. */
export const shells = ["bash", "zsh", "fish"] as const;
