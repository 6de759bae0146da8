/** A reviewed plan on disk: JSON that carries the hash of itself. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { PgwrightError } from "../../errors.ts";
import { nameSpecialAt, readToEnd } from "../special-file.ts";
import { planSchema } from "./schema.ts";
import type { Plan } from "./schema.ts";

/** A file, and how it is named to the user: as it was typed. */
export interface PlanPlace {
  readonly path: string;
  readonly shown: string;
}

/** The name of the format, with its version; first in every plan. */
export const planFormat = "pgwright plan 1" as const;

/**
 * SHA-256, in hex, of everything in the plan but the hash itself: of its JSON without white space
 * and with the keys of every object sorted, so that a formatter changes nothing.
 */
export function hashPlan(plan: Omit<Plan, "hash">): string {
  const content = JSON.stringify({ ...plan, hash: undefined }, (_key, value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(content).digest("hex");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Writes a plan, over an older one of that name but over nothing else.
 *
 * @throws PgwrightError `file-exists` for a file that is no plan, `file-unwritable`.
 */
export async function writePlan({ path, shown }: PlanPlace, plan: Plan): Promise<void> {
  // A pipe has no plan in it, and nobody who would write one to us.
  const isFile = nameSpecialAt(path) === undefined;
  const before = isFile
    ? await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw unwritable(shown, error);
      })
    : undefined;
  if (before !== undefined && before !== "" && formatOf(before) === undefined) {
    throw new PgwrightError("file-exists", `\`${shown}\` exists and is no plan of migrations`, {
      hint: "nothing was written; name another file, or remove this one",
    });
  }
  try {
    await writeFile(path, `${JSON.stringify(plan, undefined, 2)}\n`);
  } catch (error) {
    throw unwritable(shown, error as NodeJS.ErrnoException);
  }
}

/**
 * Reads a plan that nobody has edited since it was made; of a pipe until its end.
 *
 * @throws PgwrightError `plan-unreadable` for what is no plan, `plan-edited`.
 */
export async function readPlan({ path, shown }: PlanPlace, signal?: AbortSignal): Promise<Plan> {
  const hint = "`pgwright migrate --dry-run --output plan.json` makes a plan";
  const bytes = await readToEnd(path, signal).catch((error: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    const why = error.code === "ENOENT" ? "does not exist" : `cannot be read: ${error.message}`;
    throw new PgwrightError("plan-unreadable", `\`${shown}\` ${why}`, { hint, cause: error });
  });
  const text = bytes.toString();
  const format = formatOf(text);
  if (format !== planFormat) {
    const isOther = format !== undefined;
    throw new PgwrightError(
      "plan-unreadable",
      isOther
        ? `\`${shown}\` has the format \`${format}\`, which this version does not know`
        : `\`${shown}\` is no plan of migrations`,
      { hint: isOther ? "run it with the pgwright that made it, or make it again" : hint },
    );
  }
  const value: unknown = JSON.parse(text);
  const parsed = planSchema.safeParse(value);
  // What has another shape than the program writes has been edited, whatever its hash says. Of a key
  // that stands there twice, the last one counts, and whoever reads the file sees the first.
  const isAsWritten = parsed.success && countKeys(value) === countWrittenKeys(text);
  if (!isAsWritten || parsed.data.hash !== hashPlan(parsed.data)) {
    throw new PgwrightError("plan-edited", `\`${shown}\` was changed after it was made`, {
      notes: ["nothing was run"],
      hint: "a plan is not edited: change the migrations, make the plan again, and have that reviewed",
    });
  }
  return parsed.data;
}

function countKeys(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countKeys(one), 0);
  if (!isObject(value)) return 0;
  const members = Object.values(value);
  return members.length + countKeys(members);
}

/** JSON has a colon behind keys and nowhere else. */
function countWrittenKeys(json: string): number {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
}

function formatOf(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // no JSON is no plan
  }
  const format = (value as { format?: unknown } | null)?.format;
  return typeof format === "string" && format.startsWith("pgwright plan") ? format : undefined;
}

function unwritable(shown: string, cause: NodeJS.ErrnoException): PgwrightError {
  const why = cause.message.replace(/, \w+ '.*$/s, "");
  return new PgwrightError("file-unwritable", `\`${shown}\` cannot be written: ${why}`, { cause });
}
