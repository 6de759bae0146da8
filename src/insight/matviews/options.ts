/** What the options of `matviews refresh` mean. */
import { relative } from "node:path";
import { parseDuration } from "../../config/duration.ts";
import { PgwrightError } from "../../errors.ts";
import { mustReadDeclaredMatviews } from "./declared.ts";
import type { RefreshChoice } from "./plan-refresh.ts";

interface Typed {
  readonly names: readonly string[];
  readonly withSources: boolean;
  readonly withDependents: boolean;
  readonly ifChanged: boolean;
  readonly maxAge?: string | undefined;
  readonly due: boolean;
  readonly plain: boolean;
}

/**
 * @throws PgwrightError `usage` for what contradicts itself, `config-not-found` for `--due` without a
 * matviews.yaml, `config-invalid` for mistakes in that.
 */
export async function readRefreshOptions(
  typed: Typed,
  directory: string,
  workingDirectory: string,
): Promise<RefreshChoice> {
  const { maxAge, due, names, withSources, withDependents } = typed;
  if (due && maxAge !== undefined) {
    throw new PgwrightError("usage", "--due and --max-age say two different ages", {
      hint: "`--due` takes the ages of policies/matviews.yaml, `--max-age` one for all",
    });
  }
  if (names.length === 0 && (withSources || withDependents)) {
    const option = withSources ? "--with-sources" : "--with-dependents";
    throw new PgwrightError("usage", `${option} needs the name of a view`, {
      hint: "without names all of them are refreshed",
    });
  }
  const declared = due
    ? await mustReadDeclaredMatviews(directory, relative(workingDirectory, directory))
    : undefined;
  return { ...typed, maxAgeMs: maxAge === undefined ? undefined : readAge(maxAge), declared };
}

function readAge(text: string): number {
  const age = parseDuration(text);
  if (typeof age === "number") return age;
  throw new PgwrightError("usage", `--max-age ${text} ${age.mistake}`);
}
