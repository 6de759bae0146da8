/** Commands in hints carry the options that chose the database: without them they mean another one. */
import { shellWord } from "../db/shell-word.ts";
import { PgwrightError } from "../errors.ts";
import type { GlobalOptions } from "./options.ts";

/** The options of this run that say which database and which files, as they can be typed again. */
export function chosenPlace(globals: GlobalOptions): string[] {
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name} ${value === "…" ? value : shellWord(value)}`];
  return [
    ...option("--url", globals.url && withoutPassword(globals.url)),
    ...option("--direct-url", globals.directUrl && withoutPassword(globals.directUrl)),
    ...option("--env", globals.env),
    ...(globals.embedded ? ["--embedded"] : []),
    ...option("--config", globals.config),
    ...option("--dir", globals.dir),
  ];
}

/** The error of a database that another option than --url names: commands in its hint get that URL. */
export function repeatUrl(error: unknown, url: string): unknown {
  if (!(error instanceof PgwrightError)) return error;
  return repeatPlace(error, [`--url ${shellWord(withoutPassword(url))}`]);
}

/** A password stands in no message; who types the command again has it elsewhere, or adds it. */
function withoutPassword(url: string): string {
  const stripped = url.replace(/^(\w+:\/\/[^:@/?]*):[^@/]*@/, "$1@");
  // A keyword, or a password with a character that should have been percent-encoded.
  return /password|:\/\/.*:.*@/i.test(stripped) ? "…" : stripped;
}

/** Choose no database, or are about something else. */
const placeless = /^pgwright (?:init|completion|help)\b|--help\b/;

/** A command as it has to be typed to mean the same database. */
export function withPlace(command: string, place: readonly string[]): string {
  if (!command.startsWith("pgwright ") || placeless.test(command)) return command;
  const missing = place.filter((option) => !command.includes(option.split(" ", 1)[0] ?? option));
  if (missing.length === 0) return command;
  // Before what is passed on, and before a remark.
  const end = /(?: -- | {2,}\().*$/.exec(command)?.index ?? command.length;
  return `${command.slice(0, end)} ${missing.join(" ")}${command.slice(end)}`;
}

/** A hint with every command in it so completed. */
export function hintWithPlace(hint: string, place: readonly string[]): string {
  return hint.replaceAll(/`(pgwright [^`]+)`/g, (_, command: string) =>
    ["`", withPlace(command, place), "`"].join(""),
  );
}

/** The error with its hint so completed. */
export function repeatPlace(error: PgwrightError, place: readonly string[]): PgwrightError {
  const { hint } = error.details;
  // Where nothing was attempted, the options themselves may be what is wrong.
  if (error.exit === 2 && error.code !== "confirmation-needed") return error;
  if (hint === undefined || place.length === 0) return error;
  const repeated = new PgwrightError(error.code, error.message, {
    ...error.details,
    hint: hintWithPlace(hint, place),
  });
  if (error.stack !== undefined) repeated.stack = error.stack;
  return repeated;
}
