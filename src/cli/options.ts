/** Options that several commands share, each worded once. */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

export const outputFormats = ["text", "json", "github"] as const;
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

/** Every global option; help, completion and the reference pages come from this list. */
export function globalOptions(): Option[] {
  return [
    new Option("--url <url>", "database to use (PGWRIGHT_URL, DATABASE_URL)"),
    new Option("--direct-url <url>", "the same database without a pooler (PGWRIGHT_DIRECT_URL)"),
    new Option("--embedded", "use the embedded server (PGWRIGHT_EMBEDDED)"),
    new Option("--env <name>", "environment of pgwright.yaml (PGWRIGHT_ENV)"),
    new Option("--config <file>", "configuration file (PGWRIGHT_CONFIG)"),
    new Option("--dir <directory>", "migrations directory (PGWRIGHT_DIR)"),
    new Option("--format <format>", "output format").choices(outputFormats).env("PGWRIGHT_FORMAT"),
    new Option("--json", "short for --format json"),
    new Option("-q, --quiet", "print only results and errors").env("PGWRIGHT_QUIET"),
    new Option("-v, --verbose", "say more, with stack traces of errors").env("PGWRIGHT_VERBOSE"),
    new Option("-y, --yes", "answer yes to plain questions").env("PGWRIGHT_YES"),
    new Option("--confirm <database>", "confirm destructive work by the database's name").env(
      "PGWRIGHT_CONFIRM",
    ),
    new Option("--wait <seconds>", "wait for a server that is still starting")
      .env("PGWRIGHT_WAIT")
      .argParser(parseSeconds),
    new Option("--no-color", "print without colour (NO_COLOR)"),
    new Option(
      "--lock-timeout <duration>",
      "longest wait for one table lock (PGWRIGHT_LOCK_TIMEOUT)",
    ),
    new Option(
      "--lock-budget <duration>",
      "longest time over all tries for one lock (PGWRIGHT_LOCK_BUDGET)",
    ),
    new Option(
      "--statement-timeout <duration>",
      "longest run of one statement (PGWRIGHT_STATEMENT_TIMEOUT)",
    ),
  ];
}

/** `-n, --dry-run`: print the SQL, change nothing. */
export function dryRun() {
  return new Option("-n, --dry-run", "print the SQL that would run and change nothing").default(
    false,
  );
}

/** `--allow-data-loss`: the one consent to losing rows or values. */
export function allowDataLoss() {
  return new Option("--allow-data-loss", "go on although rows or values are lost").default(false);
}

/** Parses a positive whole number; the message names the option by commander itself. */
export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("Give a number from 1.");
  return Number(text);
}

/** Parses a whole number of seconds. */
export function parseSeconds(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new InvalidArgumentError("Give a number of seconds.");
  return Number(text);
}

/** `--lock-wait`: how long to wait for another migrator. */
export function lockWait() {
  return new Option("--lock-wait <seconds>", "longest wait for another migrator")
    .default(300)
    .argParser(parseSeconds);
}

/** `--reason`: goes into the log. */
export function reason() {
  return new Option("--reason <text>", "why; it is stored in the log").makeOptionMandatory();
}

/** Shells with a completion script. */
export const shells = ["bash", "zsh", "fish"] as const;
