/** Whether the source's log would hold what the masks are keyed with. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import selectLogging from "./logging.sql";

interface Logging {
  readonly statement: string;
  readonly minDuration: number;
  readonly minSample: number;
  readonly maxLength: number;
  readonly audit: string;
}

/** A warning where bound parameters are logged: derived keys are sent as such. */
export async function checkLogging(session: Session): Promise<Finding[]> {
  const { statement, minDuration, minSample, maxLength, audit } =
    await session.one<Logging>(selectLogging);
  const reasons = [
    ...(statement === "all" ? ["log_statement = all"] : []),
    ...(minDuration >= 0 ? [`log_min_duration_statement = ${minDuration}`] : []),
    ...(minSample >= 0 ? [`log_min_duration_sample = ${minSample}`] : []),
  ];
  const audited = audit === "on" ? ["pgaudit.log_parameter = on"] : [];
  const found = [...(maxLength === 0 ? [] : reasons), ...audited];
  if (found.length === 0) return [];
  return [
    {
      rule: "masking/logged-parameters",
      severity: "warning",
      message: `the server logs bound parameters (${found.join(", ")}), and with them keys that masks are drawn with`,
      hint: "alter role <the role that masks> set log_parameter_max_length = 0; or mask with --ephemeral-key",
    },
  ];
}
