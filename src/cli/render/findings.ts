import { redact } from "../../db/redact.ts";
import type { Finding } from "../../findings.ts";
import { codeFrame } from "./code-frame.ts";
import { visible } from "./text.ts";
import type { View } from "./view.ts";

/** Findings for people, in the order given, with a code frame where there is a place. */
export function renderFindings(findings: readonly Finding[], view: View): string {
  return findings.map((finding) => renderFinding(finding, view)).join("\n\n");
}

function renderFinding(finding: Finding, view: View): string {
  const { style } = view;
  const paint = { error: style.red, warning: style.yellow, info: style.cyan }[finding.severity];
  const name = paint(style.bold(finding.severity));
  const lines = [
    view.prose(`${name}: ${visible(finding.message)} ${style.dim(`[${finding.rule}]`)}`, 2),
  ];
  const { at, source, hint } = finding;
  if (at) lines.push(`  ${style.dim("→")} ${visible(at.file)}:${at.line}:${at.column}`);
  if (at && source !== undefined) lines.push(codeFrame(source, at, style, view.width));
  if (hint !== undefined) lines.push(view.prose(`  ${style.cyan("hint:")} ${visible(hint)}`, 8));
  return redact(lines.join("\n"));
}

/** A finding for programs: everything but the text of the file. */
export function findingToJson({ source: _source, ...finding }: Finding): object {
  const { message, hint } = finding;
  return {
    ...finding,
    message: redact(message),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  };
}
