/** GitHub workflow commands: `::error file=…,line=…,col=…,title=…::message`. */
import { redact } from "../../db/redact.ts";
import type { Location, PgwrightError } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { visible } from "./text.ts";

/** GitHub shows about ten annotations of each kind per step; the worst come first. */
const shownPerKind = 10;

export function renderAnnotations(findings: readonly Finding[]): string {
  const kinds = { error: "error", warning: "warning", info: "notice" } as const;
  const lines: string[] = [];
  for (const severity of ["error", "warning", "info"] as const) {
    const ofKind = findings.filter((finding) => finding.severity === severity);
    for (const finding of ofKind.slice(0, shownPerKind)) {
      lines.push(
        annotation(kinds[severity], finding.rule, finding.message, finding.hint, finding.at),
      );
    }
    if (ofKind.length > shownPerKind) {
      lines.push(
        annotation(
          kinds[severity],
          "more",
          `${ofKind.length - shownPerKind} more of severity ${severity} are in the step summary`,
        ),
      );
    }
  }
  return lines.join("\n");
}

export function renderErrorAnnotation(error: PgwrightError, at: Location | undefined): string {
  return annotation("error", error.code, error.message, error.details.hint, at);
}

/** All findings as Markdown, for the file named by GITHUB_STEP_SUMMARY. */
export function renderSummary(command: string, findings: readonly Finding[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", "<br>");
  const lines = [
    `### pgwright ${command}`,
    "",
    "| severity | rule | where | what |",
    "| --- | --- | --- | --- |",
    ...findings.map(
      ({ severity, rule, at, object, message, hint }) =>
        `| ${severity} | ${rule} | ${cell(at ? `${at.file}:${at.line}` : (object ?? ""))} | ${cell(message)}${hint ? ` — ${cell(hint)}` : ""} |`,
    ),
    "",
  ];
  return redact(lines.join("\n"));
}

function annotation(
  kind: "error" | "warning" | "notice",
  title: string,
  message: string,
  hint?: string,
  at?: Location,
): string {
  const place = at ? `file=${property(at.file)},line=${at.line},col=${at.column},` : "";
  return `::${kind} ${place}title=${property(title)}::${data(visible(redact(hint ? `${message}\n${hint}` : message)))}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
