/** What changed between the kept matrix and the measured one, in words. */
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { byPersona, partsOf, type Access, type Cell, type RelationAccess } from "./access.ts";

/** One finding for each role, relation and command whose cell changed, and for the rows tried. */
export function compareAccess(
  kept: Access,
  measured: Access,
  locations: ReadonlyMap<string, Location>,
  file: string,
): Finding[] {
  const findings: Finding[] = [];
  for (const relation of keysOf(kept.rows, measured.rows)) {
    const [before, after] = [kept.rows[relation], measured.rows[relation]];
    if (sameParts(before, after)) continue;
    findings.push({
      rule: "policies/access-rows",
      severity: "error",
      message: `other rows of ${relation} are tried than ${file} was written for: ${after ?? "none"} instead of ${before ?? "none"}`,
      hint: "`pgwright policies test --write`, and read its changes",
      object: relation,
      at: locations.get(`rows.${relation}`) ?? locations.get("rows"),
    });
  }
  for (const role of keysOf(kept.access, measured.access)) {
    const [before, after] = [kept.access[role], measured.access[role]];
    if (before === undefined || after === undefined) {
      findings.push(roleChanged(role, after !== undefined, locations));
      if (after === undefined) continue;
    }
    for (const relation of keysOf(before ?? {}, after)) {
      const path = `access.${role}.${relation}`;
      findings.push(
        ...compareRelation(
          role,
          relation,
          before?.[relation] ?? {},
          after[relation] ?? {},
          (command) =>
            locations.get(`${path}.${command}`) ??
            locations.get(path) ??
            locations.get(`access.${role}`),
        ),
      );
    }
  }
  return findings;
}

function roleChanged(
  role: string,
  isNew: boolean,
  locations: ReadonlyMap<string, Location>,
): Finding {
  return {
    rule: "policies/access-changed",
    severity: "error",
    message: isNew
      ? `role ${role} holds rights now and did not when the file was written`
      : `role ${role} holds no rights any more, or is not there`,
    hint: "if that is meant: `pgwright policies test --write`",
    object: role,
    at: locations.get(`access.${role}`),
  };
}

function compareRelation(
  role: string,
  relation: string,
  before: RelationAccess,
  after: RelationAccess,
  placeOf: (command: string) => Location | undefined,
): Finding[] {
  return keysOf(before, after).flatMap((command): Finding[] => {
    const [old, now] = [before[command], after[command]];
    const sentences = describeChange(role, relation, command, old, now);
    if (sentences.length === 0) return [];
    return [
      {
        rule: "policies/access-changed",
        severity: "error",
        message: sentences.join("; "),
        hint: `before: ${show(old)}; now: ${show(now)}; if that is meant: \`pgwright policies test --write\``,
        object: relation,
        at: placeOf(command),
      },
    ];
  });
}

function show(cell: Cell | undefined): string {
  if (cell === undefined) return "denied";
  return Object.entries(cell)
    .toSorted(([one], [other]) => byPersona(one, other))
    .map(([persona, text]) => (persona === "anyone" ? text : `${persona}: ${text}`))
    .join(", ");
}

/** "role x may now DELETE others' rows of y (as user)", and what it may not do any more. */
function describeChange(
  role: string,
  relation: string,
  command: string,
  before: Cell | undefined,
  after: Cell | undefined,
): string[] {
  const gained = new Map<string, string[]>();
  const lost = new Map<string, string[]>();
  const other: string[] = [];
  const add = (to: Map<string, string[]>, phrase: string, persona: string) =>
    to.set(phrase, [...(to.get(phrase) ?? []), persona]);
  for (const persona of keysOf(before ?? {}, after ?? {}).toSorted(byPersona)) {
    // A line for cleared is only there where it differs from nobody.
    const was = partsOf(valueOf(before, persona));
    const is = partsOf(valueOf(after, persona));
    for (const part of is.filter((one) => !was.includes(one))) {
      const phrase = phraseFor(command, part, relation);
      if (phrase === undefined)
        other.push(`role ${role}, ${command} on ${relation}${whom(persona)}: now ${part}`);
      else add(gained, phrase, persona);
    }
    for (const part of was.filter((one) => !is.includes(one))) {
      const phrase = phraseFor(command, part, relation);
      if (phrase !== undefined) add(lost, phrase, persona);
      else if (is.length === 0 && part !== "untried")
        other.push(`role ${role}, ${command} on ${relation}${whom(persona)}: no longer ${part}`);
    }
  }
  const sentences = [
    ...[...gained].map(([phrase, who]) => `role ${role} may now ${phrase}${whom(...who)}`),
    ...[...lost].map(([phrase, who]) => `role ${role} may no longer ${phrase}${whom(...who)}`),
    ...other,
  ];
  if (sentences.length > 0) return sentences;
  // The right came or went and no row is met either way.
  if (before === undefined && after !== undefined) {
    return [
      `role ${role} now holds ${command.toUpperCase()} on ${relation}, though no policy lets a row through`,
    ];
  }
  if (before !== undefined && after === undefined) {
    return [`role ${role} no longer holds ${command.toUpperCase()} on ${relation}`];
  }
  return [];
}

function valueOf(cell: Cell | undefined, persona: string): string | undefined {
  return cell?.[persona] ?? (persona === "cleared" ? cell?.["nobody"] : undefined);
}

/** What a part of a cell allows; undefined for a part that allows nothing (an error, untried). */
function phraseFor(command: string, part: string, relation: string): string | undefined {
  if (part === "denied" || part === "untried" || part.startsWith("error ")) return undefined;
  if (command === "also") return `${part} ${relation}`;
  if (command === "partitions") return `${part} partitions of ${relation} by their names`;
  const columns = /^(\w+) columns$/.exec(command);
  if (columns) return `${columns[1]?.toUpperCase()} the column ${part} of ${relation}`;
  const verb = command.toUpperCase();
  if (part === "readable" || part === "granted") return `${verb} ${relation}`;
  const [, whose, variant, some] =
    /^(own|others|shared)(?: (.*?))?(?: (\d+\/\d+))?$/.exec(part) ?? [];
  if (whose === undefined) return `${verb} ${part} of ${relation}`;
  const kind = [variant, "rows"].filter((word) => word !== undefined && word !== "").join(" ");
  const rows = {
    own: `own ${kind}`,
    others: `others' ${kind}`,
    shared: `${kind} that are nobody's`,
  }[whose];
  const many = some === undefined ? "" : ` (${some.replace("/", " of ")})`;
  if (command === "give away") return `give ${rows}${many} of ${relation} to somebody else`;
  return `${verb} ${rows}${many} of ${relation}`;
}

function whom(...personas: readonly string[]): string {
  const words = personas
    .toSorted(byPersona)
    .filter((persona) => persona !== "anyone")
    .map(
      (persona) =>
        ({ user: "as user", nobody: "without identity", cleared: "with a cleared identity" })[
          persona
        ] ?? `as ${persona}`,
    );
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

function keysOf(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted();
}

function sameParts(one: string | undefined, other: string | undefined): boolean {
  return partsOf(one).toSorted().join() === partsOf(other).toSorted().join();
}
