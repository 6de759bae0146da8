/** Reads policies/audit.yaml. */
import { join } from "node:path";
import type { Mistake } from "../../config/mistake.ts";
import { throwMistakes } from "../../config/mistake.ts";
import { parseYamlFile } from "../../config/yaml-file.ts";
import type { Location } from "../../errors.ts";
import { PgwrightError } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import type { AuditFile } from "./schema.ts";
import { auditSchema } from "./schema.ts";
import { readPolicyFile } from "../statement.ts";

/** What audit.yaml says, and where. */
export interface DeclaredAudit {
  readonly file: AuditFile;
  /** The place of a key or of a list's member by its path: `tables`, `user_service.users`, `mask`, `0`. */
  readonly placeOf: (...path: readonly (string | number)[]) => Location | undefined;
  /** Text of the file, for code frames. */
  readonly source: string;
}

/** Audit.yaml of the policies' directory; undefined where there is none or it has mistakes. */
export async function readAudit(
  directory: string,
): Promise<{ declared: DeclaredAudit | undefined; findings: Finding[] }> {
  const file = join(directory, "audit.yaml");
  const source = await readPolicyFile(file);
  if (source === undefined) return { declared: undefined, findings: [] };
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(auditSchema, source, file, mistakes);
  const findings = mistakes.map(({ at, message }): Finding => ({
    rule: "audit/file",
    severity: "error",
    message,
    at,
    source,
  }));
  if (!parsed) return { declared: undefined, findings };
  return {
    declared: {
      file: parsed.data,
      placeOf: (...path) => parsed.locations.get(path.join(".")),
      source,
    },
    findings,
  };
}

/**
 * Which table is the log: `named`, else what audit.yaml says.
 *
 * @throws PgwrightError `config-invalid` for mistakes in audit.yaml, `usage` when nothing names one.
 */
export async function chooseLog(
  directory: string,
  named: string | undefined,
): Promise<{ log: string; declared: DeclaredAudit | undefined }> {
  const { declared, findings } = await readAudit(directory);
  if (named !== undefined && !/^[^.]+\.[^.]+$/.test(named)) {
    throw new PgwrightError("usage", `--log ${named} is not of the form schema.table`);
  }
  if (named !== undefined) return { log: named, declared };
  throwMistakes(findings);
  if (declared) return { log: declared.file.log, declared };
  throw new PgwrightError("usage", `there is no ${join(directory, "audit.yaml")} to name the log`, {
    hint: "name it with --log schema.table",
  });
}
