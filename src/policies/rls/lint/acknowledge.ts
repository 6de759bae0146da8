/** `policies/lint.yaml`: findings that are meant to be so, each with a reason. */
import { join } from "node:path";
import { throwMistakes, type Mistake } from "../../../config/mistake.ts";
import { readTextFile } from "../../../config/text-file.ts";
import { parseYamlFile } from "../../../config/yaml-file.ts";
import { PgwrightError, type Location } from "../../../errors.ts";
import type { Finding } from "../../../findings.ts";
import { lintSchema } from "./schema.ts";

export interface Acknowledgement {
  readonly rule: string;
  readonly object: string;
  readonly reason: string;
  /** Last day it holds, `YYYY-MM-DD`; undefined for good. */
  readonly until?: string | undefined;
  readonly at: Location;
}

/** @throws PgwrightError `config-invalid`, `file-unwritable` when the file cannot be read. */
export async function readAcknowledgements(
  directory: string,
  shownDirectory: string,
  rules: readonly string[],
): Promise<Acknowledgement[]> {
  const path = join(directory, "lint.yaml");
  const shown = join(shownDirectory, "lint.yaml");
  let source: string;
  try {
    source = await readTextFile(path, shown, "policies-unreadable");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new PgwrightError("config-invalid", `${shown} cannot be read`, { cause: error });
  }
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(lintSchema, source, shown, mistakes);
  const found: Acknowledgement[] = [];
  for (const [rule, objects] of Object.entries(parsed?.data.ignore ?? {})) {
    const placeOf = (path: string) =>
      parsed?.locations.get(path) ?? { file: shown, line: 1, column: 1 };
    if (!rules.includes(rule)) {
      const message = `there is no rule \`${rule}\`; known are ${rules.join(", ")}`;
      mistakes.push({ at: placeOf(`ignore.${rule}`), message });
    }
    for (const [object, { reason, until }] of Object.entries(objects)) {
      found.push({ rule, object, reason, until, at: placeOf(`ignore.${rule}.${object}`) });
    }
  }
  throwMistakes(mistakes);
  return found;
}

/** Leaves out what is acknowledged; an acknowledgement that is over or meets nothing is a finding. */
export function applyAcknowledgements(
  findings: readonly Finding[],
  acknowledgements: readonly Acknowledgement[],
  { today, isComplete }: { readonly today: string; readonly isComplete: boolean },
): Finding[] {
  const isOver = ({ until }: Acknowledgement) => until !== undefined && until < today;
  const meets = ({ rule, object }: Acknowledgement, finding: Finding) =>
    finding.rule === rule && finding.object === object;
  const left = findings.filter(
    (finding) => !acknowledgements.some((one) => !isOver(one) && meets(one, finding)),
  );
  for (const one of acknowledgements) {
    const isMet = findings.some((finding) => meets(one, finding));
    if (isMet ? !isOver(one) : !isComplete) continue;
    const what = `${one.rule} of ${one.object}`;
    left.push({
      rule: isMet ? "policies/ignore-expired" : "policies/ignore-unused",
      severity: "warning",
      message: isMet
        ? `${what} was acknowledged until ${one.until} (${one.reason}) and is still there`
        : `${what} is acknowledged (${one.reason}), and there is no such finding`,
      hint: isMet ? "mend it, or give a later day" : "remove the line",
      object: one.object,
      at: one.at,
    });
  }
  return left;
}
