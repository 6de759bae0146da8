import type { Finding } from "../../findings.ts";
import type { Check, CheckContext } from "../check.ts";
import { changeSetting, valueOf } from "../settings.ts";

export const logSecrets: Check = {
  title: "secrets in the log",
  look: (_session, context) => [
    ...judgeStatements(context),
    ...judgeErrors(context),
    ...judgePlans(context),
  ],
};

/** What writes statements, and with them their parameters, into the server log. */
function whatLogsStatements({ settings }: CheckContext): string[] {
  const reasons: string[] = [];
  const value = (name: string) => valueOf(settings, name);
  if (["mod", "all"].includes(value("log_statement"))) {
    reasons.push(`log_statement = ${value("log_statement")}`);
  }
  for (const name of ["log_min_duration_statement", "log_min_duration_sample"]) {
    if (Number(value(name)) >= 0) reasons.push(`${name} = ${value(name)} ms`);
  }
  if (Number(value("log_transaction_sample_rate")) > 0) {
    reasons.push(`log_transaction_sample_rate = ${value("log_transaction_sample_rate")}`);
  }
  return reasons;
}

/** Passwords and personal data travel as parameters: they are in the log unless its length is 0. */
function judgeStatements(context: CheckContext): Finding[] {
  const reasons = whatLogsStatements(context);
  const length = context.settings.get("log_parameter_max_length");
  if (reasons.length === 0 || length === undefined || length.value === "0") return [];
  return [
    {
      rule: "doctor/log-parameters",
      severity: "warning",
      message: `the server log gets the parameters of statements ${length.value === "-1" ? "in full" : `up to ${length.value} bytes`} (${reasons.join(", ")}): passwords, tokens and personal data with them`,
      object: length.name,
      hint: changeSetting(context, length, "0"),
    },
  ];
}

function judgeErrors(context: CheckContext): Finding[] {
  const length = context.settings.get("log_parameter_max_length_on_error");
  if (length === undefined || length.value === "0") return [];
  return [
    {
      rule: "doctor/log-parameters-on-error",
      severity: "warning",
      message: `the server log and the client get the parameters of statements that fail${length.value === "-1" ? "" : `, up to ${length.value} bytes`}: passwords, tokens and personal data with them`,
      object: length.name,
      hint: changeSetting(context, length, "0"),
    },
  ];
}

/** auto_explain logs parameters by a setting of its own (16 and later), where it is loaded. */
function judgePlans(context: CheckContext): Finding[] {
  const { settings } = context;
  const length = settings.get("auto_explain.log_parameter_max_length");
  const duration = Number(settings.get("auto_explain.log_min_duration")?.value ?? -1);
  if (length === undefined || length.value === "0" || duration < 0) return [];
  return [
    {
      rule: "doctor/log-parameters",
      severity: "warning",
      message: `auto_explain writes the parameters of statements over ${duration} ms into the server log: passwords, tokens and personal data with them`,
      object: length.name,
      hint: changeSetting(context, length, "0"),
    },
  ];
}
