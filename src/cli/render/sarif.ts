/** Findings as SARIF 2.1.0, which code scanning of GitHub and others read. */
import { redact } from "../../db/redact.ts";
import type { Finding, RuleText } from "../../findings.ts";
import { version } from "../../version.ts";

const levels = { error: "error", warning: "warning", info: "note" } as const;

/**
 * One run with its results. Paths are relative to the top of the checkout, columns count
 * characters, as everywhere here; a finding without a file names its object. The rules that are met
 * carry their texts, as far as there are some.
 */
export function renderSarif(findings: readonly Finding[], texts: readonly RuleText[]): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].toSorted();
  const known = new Map(texts.map((text) => [text.rule, text]));
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
              rules: rules.map((id) => descriptorOf(id, known.get(id))),
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

/** A reportingDescriptor: section 3.49 of the standard. */
function descriptorOf(id: string, text: RuleText | undefined) {
  const name = id.split("/").at(-1);
  if (!text) return { id, name };
  const { severity, summary, why, safe, ignore } = text;
  const parts = [why ?? summary, safe === undefined ? undefined : `safe:\n${safe}`, ignore];
  const marked = [
    why ?? summary,
    safe === undefined ? undefined : `**Safe:**\n\n\`\`\`sql\n${safe}\n\`\`\``,
    ignore === undefined ? undefined : `\`\`\`sql\n${ignore}\n\`\`\``,
  ];
  return {
    id,
    name,
    shortDescription: { text: summary },
    fullDescription: { text: why ?? summary },
    help: { text: joined(parts), markdown: joined(marked) },
    defaultConfiguration: { level: levels[severity] },
  };
}

const joined = (parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined).join("\n\n");

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
