/** What an earlier scan found, as its JSON output tells. */
import { readFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import { placeOf } from "./ignore.ts";
import type { PiiFinding } from "./report.ts";

const next = "`pgwright pii-scan --json > FILE` writes one";

/**
 * Place and kind of what the file lists.
 *
 * @throws PgwrightError `usage` for a file that is not there or no such output.
 */
export async function readBaseline(path: string, shown: string): Promise<ReadonlySet<string>> {
  let body: unknown;
  try {
    body = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "does not exist"
        : error instanceof SyntaxError
          ? "is no JSON"
          : "cannot be read";
    throw new PgwrightError("usage", `the baseline ${shown} ${why}`, { cause: error, hint: next });
  }
  const { command, result } = (body ?? {}) as {
    command?: unknown;
    result?: { personal?: unknown };
  };
  if (command !== "pii-scan" || !Array.isArray(result?.personal)) {
    throw new PgwrightError(
      "usage",
      `the baseline ${shown} is no output of \`pgwright pii-scan --json\``,
      { hint: next },
    );
  }
  return new Set(result.personal.map((one) => keyOf(one as PiiFinding)));
}

export function keyOf(finding: PiiFinding): string {
  return `${finding.entity} ${placeOf(finding)}`;
}
