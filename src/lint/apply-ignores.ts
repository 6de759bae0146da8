/** What comments in a file do to its findings. */
import { positionToLocation } from "../db/place.ts";
import type { Finding } from "../findings.ts";
import type { Ignore } from "./ignore.ts";
import { mentionsIgnore, readIgnores } from "./ignore.ts";
import { lintRules } from "./rules/list.ts";
import type { Source } from "./source.ts";

export interface Found {
  readonly finding: Finding;
  /** Offset of the statement in the section. */
  readonly start: number;
}

const ruleNames: ReadonlySet<string> = new Set(lintRules.map(({ name }) => name));

/** The findings of a file without those that a comment explains away, and those about its comments. */
export function applyIgnores(
  { section, statements, findings, text, path, placeOf }: Source,
  found: readonly Found[],
): { findings: Finding[]; ignored: number } {
  if (!mentionsIgnore(section.text) && !mentionsIgnore(section.above)) {
    return {
      findings: [...findings, ...found.map(({ finding }) => finding)].sort(byPlace),
      ignored: 0,
    };
  }
  // Above the section and in it, with offsets of their own.
  const above = readIgnores(section.above, Infinity, [], ruleNames);
  const inside = readIgnores(section.text, 0, statements, ruleNames);
  const aboveAt = (start: number) => ({ file: path, ...positionToLocation(section.above, start) });
  const all = [
    ...above.ignores.map((ignore) => ({ ...ignore, at: aboveAt(ignore.start) })),
    ...inside.ignores.map((ignore) => ({ ...ignore, at: placeOf(ignore.start) })),
  ];
  const used = new Map<Ignore, Set<string>>(all.map((ignore) => [ignore, new Set()]));
  const kept = found.filter(({ finding, start }) => {
    const name = finding.rule.replace(/^lint\//, "");
    const matching = all.filter(
      ({ rules, statement }) =>
        rules.includes(name) && (statement === undefined || statement === start),
    );
    for (const ignore of matching) used.get(ignore)?.add(name);
    return matching.length === 0;
  });
  const unused = all.flatMap((ignore) =>
    ignore.rules
      .filter((rule) => !used.get(ignore)?.has(rule))
      .map((rule): Finding => ({
        rule: "lint/ignore-unused",
        severity: "warning",
        message: `\`${rule}\` finds nothing here to ignore`,
        hint: "delete the comment, or the rule's name in it",
        at: ignore.at,
        source: text,
      })),
  );
  const mistakes = [
    ...above.mistakes.map(({ start, ...rest }) => ({ ...rest, at: aboveAt(start) })),
    ...inside.mistakes.map(({ start, ...rest }) => ({ ...rest, at: placeOf(start) })),
  ].map((mistake): Finding => ({ ...mistake, source: text }));
  return {
    findings: [...findings, ...kept.map(({ finding }) => finding), ...mistakes, ...unused].sort(
      byPlace,
    ),
    ignored: found.length - kept.length,
  };
}

function byPlace(a: Finding, b: Finding): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
