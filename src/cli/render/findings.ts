import type { Finding } from "../../findings.ts";
import { codeFrame } from "./code-frame.ts";
import type { View } from "./view.ts";

/** Findings for people, in the order given, with a code frame where there is a place. */
export function renderFindings(findings: readonly Finding[], view: View): string {
  const { style } = view;
  const paint = { error: style.red, warning: style.yellow, info: style.cyan };
  return findings
    .map((finding) => {
      const lines = [
        `${paint[finding.severity](style.bold(finding.severity))}: ${finding.message} ${style.dim(`[${finding.rule}]`)}`,
      ];
      const { at, source, hint } = finding;
      if (at) lines.push(`  ${style.dim("→")} ${at.file}:${at.line}:${at.column}`);
      if (at && source !== undefined) lines.push(codeFrame(source, at, style, view.width));
      if (hint !== undefined) lines.push(`  ${style.cyan("hint:")} ${hint}`);
      return lines.join("\n");
    })
    .join("\n");
}

/** A finding for programs: everything but the text of the file. */
export function findingToJson({ source: _source, ...finding }: Finding): object {
  return finding;
}
