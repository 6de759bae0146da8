/** `policies/pii.yaml`: findings that are none, each with a reason. */
import { join } from "node:path";
import { throwMistakes, type Mistake } from "../config/mistake.ts";
import { readTextFile } from "../config/text-file.ts";
import { parseYamlFile } from "../config/yaml-file.ts";
import { PgwrightError, type Location } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { PiiFinding } from "./report.ts";
import { piiSchema } from "./schema.ts";

export interface Ignored {
  /** `schema.table.column`, or that of a path: `schema.table.meta.contacts[*].email`. */
  readonly place: string;
  readonly reason: string;
  /** Last day it holds, `YYYY-MM-DD`; undefined for good. */
  readonly until?: string | undefined;
  /** Only findings of this kind. */
  readonly entity?: string | undefined;
  readonly at: Location;
}

/** @throws PgwrightError `config-invalid` for mistakes in the file; without a file nothing is ignored. */
export async function readIgnored(directory: string, shownDirectory: string): Promise<Ignored[]> {
  const shown = join(shownDirectory, "pii.yaml");
  let source: string;
  try {
    source = await readTextFile(join(directory, "pii.yaml"), shown, "policies-unreadable");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new PgwrightError("config-invalid", `${shown} cannot be read`, { cause: error });
  }
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(piiSchema, source, shown, mistakes);
  throwMistakes(mistakes);
  return Object.entries(parsed?.data.ignore ?? {}).map(([place, one]) => ({
    ...one,
    place,
    at: parsed?.locations.get(`ignore.${place}`) ?? { file: shown, line: 1, column: 1 },
  }));
}

/** The place of a finding, as it is written in pii.yaml. */
export function placeOf({ schema, table, column, path }: PiiFinding): string {
  return `${schema}.${table}.${path ?? column}`;
}

/**
 * Takes out what is ignored. A line that is over, or whose column is gone, is a problem;
 * `columns`: every `schema.table.column` there is, undefined where not all were looked at.
 */
export function applyIgnored(
  findings: readonly PiiFinding[],
  ignored: readonly Ignored[],
  { today, columns }: { readonly today: string; readonly columns: ReadonlySet<string> | undefined },
): { readonly left: PiiFinding[]; readonly problems: Finding[] } {
  const isOver = ({ until }: Ignored) => until !== undefined && until < today;
  const left = findings.filter(
    (finding) => !ignored.some((one) => !isOver(one) && meets(one, finding)),
  );
  const problems: Finding[] = [];
  for (const one of ignored) {
    const isThere = columns === undefined || isColumn(one.place, columns);
    if (isThere && !(isOver(one) && findings.some((finding) => meets(one, finding)))) continue;
    problems.push({
      rule: isThere ? "pii/ignore-expired" : "pii/ignore-unused",
      severity: "warning",
      message: isThere
        ? `${one.place} was ignored until ${one.until} (${one.reason}), and is still found`
        : `${one.place} is ignored (${one.reason}), and there is no such column`,
      hint: isThere
        ? "give a later day, or remove the line"
        : "remove the line, or correct its name",
      object: one.place,
      at: one.at,
    });
  }
  return { left, problems };
}

/** A line for a column counts for its paths too, one for a path for what is below it. */
function meets({ place, entity }: Ignored, finding: PiiFinding): boolean {
  if (entity !== undefined && entity !== finding.entity) return false;
  const own = placeOf(finding);
  return own === place || own.startsWith(`${place}.`) || own.startsWith(`${place}[`);
}

function isColumn(place: string, columns: ReadonlySet<string>): boolean {
  if (columns.has(place)) return true;
  // Names may hold dots and brackets themselves: each beginning that ends before one is tried.
  return Array.from(place.matchAll(/[.[]/g)).some(({ index }) =>
    columns.has(place.slice(0, index)),
  );
}
