/** Findings as SARIF 2.1.0, which code scanning of GitHub and others read. */
import { redact } from "../../db/redact.ts";
import type { Finding } from "../../findings.ts";
import { version } from "../../version.ts";

const levels = { error: "error", warning: "warning", info: "note" } as const;

/**
 * One run with its results. Paths are relative to the top of the checkout, columns count
 * characters, as everywhere here; a finding without a file names its object.
 */
export function renderSarif(findings: readonly Finding[]): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].toSorted();
  return JSON.stringify(
    {
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [
        {
          tool: {
            driver: {
              name: "pgwright",
              version,
              rules: rules.map((id) => ({ id, name: id.split("/").at(-1) })),
            },
          },
          columnKind: "unicodeCodePoints",
          results: findings.map((finding) => resultOf(finding, rules)),
        },
      ],
    },
    null,
    2,
  );
}

function resultOf(
  { rule, severity, message, hint, at, object }: Finding,
  rules: readonly string[],
) {
  const text = hint === undefined ? message : `${message}\n${hint}`;
  const region = at && { startLine: at.line, startColumn: at.column };
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: levels[severity],
    message: { text: redact(text) },
    locations: [
      {
        ...(at
          ? {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(at.file.replaceAll("\\", "/")) },
                region,
              },
            }
          : {}),
        ...(object === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: object }] }),
      },
    ],
  };
}
