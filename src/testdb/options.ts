/** What `testDatabase()` is asked for. */
import { PgwrightError } from "../errors.ts";

export interface TestDatabaseOptions {
  /**
   * A database of the server to use, such as that of a container; else TEST_DATABASE_URL of the
   * environment or of `.env`, else the project's embedded server. DATABASE_URL is never used.
   */
  readonly url?: string | undefined;
  /** Folder of the project; pgwright.yaml is looked for there and above. The working directory unless given. */
  readonly directory?: string | undefined;
  /** A dump in plain SQL to build from, and not from migrations and policies. */
  readonly from?: string | undefined;
  /** Fill the template from seeds/ too, with their numbers of rows times this; none unless given. */
  readonly seedScale?: number | undefined;
  /** How long the database outlives a killed process: "90s", "10min" (unless given), "1h". */
  readonly ttl?: string | undefined;
  /** Registers the end: `afterAll`, `onTestFinished`, `t.after`. */
  readonly dropIn?: ((drop: () => Promise<void>) => unknown) | undefined;
}

// Types do not exist at run time: a misspelt option would be ignored in silence, and a number that
// is none would share the template of one that was not given.
const text = (value: unknown) =>
  typeof value === "string" ? undefined : `is a string, not ${kindOf(value)}`;
const wanted: Record<keyof TestDatabaseOptions, (value: unknown) => string | undefined> = {
  url: text,
  directory: text,
  from: text,
  seedScale: (value) => {
    if (typeof value !== "number") return `is a number, not ${kindOf(value)}`;
    // As far as `--scale` goes.
    return value > 0 && value < 1e7 ? undefined : `is above 0 and below 10000000, not ${value}`;
  },
  ttl: text,
  dropIn: (value) =>
    typeof value === "function"
      ? undefined
      : `is a function such as afterAll, not ${kindOf(value)}`,
};

/** @throws PgwrightError `usage` for an option that does not exist, or whose value does not fit. */
export function refuseWrongOptions(options: unknown): void {
  const names = Object.keys(wanted).join(", ");
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new PgwrightError("usage", `options are an object, not ${kindOf(options)}`, {
      hint: `the options are ${names}; nothing was made`,
    });
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(wanted, name)) {
      throw new PgwrightError("usage", `there is no option \`${name}\``, {
        hint: `the options are ${names}`,
      });
    }
    const mistake = value === undefined ? undefined : wanted[name as keyof typeof wanted](value);
    if (mistake === undefined) continue;
    throw new PgwrightError("usage", `the option \`${name}\` ${mistake}`, {
      hint: "correct it, or leave it out; nothing was made",
    });
  }
}

/** Its kind and not its value, which may be a URL with a password. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `of the type ${typeof value}`;
}
