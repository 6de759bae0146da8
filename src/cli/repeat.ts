/** Hints name a command without the options this run was given; it works only with them. */
import { PgwrightError } from "../errors.ts";
import type { GlobalOptions } from "./options.ts";

/**
 * The error, whose hint says to give the options again that chose the database or the files. They
 * are named without their values: a URL may hold a password.
 */
export function sayToRepeat(error: PgwrightError, globals: GlobalOptions): PgwrightError {
  const { hint } = error.details;
  // Where nothing was attempted, the options themselves may be what is wrong.
  if (error.exit === 2 && error.code !== "confirmation-needed") return error;
  if (!hint?.includes("`pgwright ")) return error;
  const given = {
    "--url": globals.url,
    "--direct-url": globals.directUrl,
    "--env": globals.env,
    "--embedded": globals.embedded,
    "--config": globals.config,
    "--dir": globals.dir,
  };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : name));
  if (names.length === 0) return error;
  const repeated = new PgwrightError(error.code, error.message, {
    ...error.details,
    hint: `${hint} (with the same ${names.join(" and ")})`,
  });
  if (error.stack !== undefined) repeated.stack = error.stack;
  return repeated;
}
