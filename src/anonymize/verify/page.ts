/** The report as one page: no script, no network, light and dark, on a screen and on paper. */
import type { Reason } from "./explain.ts";
import style from "./page-style.ts";
import type { ColumnTold, Verification } from "./verify.ts";

const reasons: Readonly<Record<Reason, string>> = {
  word: "a word that the masks themselves pick from their lists",
  schema: "a word that the schema is written with",
  drawn: "drawn by a mask for a row whose original does not hold it",
  kept: "shared by ten rows or more, and part of what the rules keep with a reason",
  weak: "left in its own column by a weak mask, which declares that",
};

const kinds = {
  pseudonymised: [
    "Pseudonymised",
    "The key of the masks is kept. Whoever has both the key and the source can tell which mask stands for whom, so this is personal data still (GDPR, Art. 4 no. 5 and recital 26), and the key must be kept apart from the copy.",
  ],
  anonymised: [
    "Masked with a key that is gone",
    "The key of the masks was made for this copy and forgotten. Nobody can repeat the masks or follow them back. Whether the copy is anonymous in the sense of recital 26 of the GDPR depends also on what was kept: see the columns kept and the quasi-identifiers below.",
  ],
  unknown: [
    "Masked; the key is not known here",
    "The verification was run without the key of the copy. If that key is kept anywhere, the copy is pseudonymised and personal data still.",
  ],
} as const;

/** Writes the page. Every value in it is escaped; originals are in it only masked. */
export function renderPage(report: Verification): string {
  const [kind, meaning] = kinds[report.kind];
  const verdict = report.isClean
    ? "No original of a masked column was found in the copy."
    : "The copy is not clean.";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(`Masked copy ${report.target}: ${report.isClean ? "clean" : "not clean"}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<p class="over">Report on a masked copy</p>
<h1>${text(report.target)}</h1>
<p class="verdict ${report.isClean ? "good" : "bad"}"><strong>${verdict}</strong></p>
${facts([
  ["Made from", text(report.source)],
  ["Verified", `<time datetime="${text(report.at)}">${text(readable(report.at))}</time>`],
  ["Kind", text(kind)],
  [
    "Key",
    report.keyFingerprint === undefined
      ? "not given"
      : `fingerprint ${code(report.keyFingerprint)}`,
  ],
  ["Rules", `SHA-256 ${code(report.rulesHash)}`],
  ["Schema", code(report.schemaHash)],
  ["Tool", text(`pgwright ${report.toolVersion}`)],
])}
<p>${text(meaning)}</p>
</header>
${problems(report)}
${proofs(report)}
${masked(report.columns)}
${kept(report.columns)}
${anonymity(report)}
${explained(report)}
<section><h2>What this report says nothing about</h2>
<ul>${report.notCovered.map((line) => `<li>${text(line)}</li>`).join("")}</ul></section>
</main>
</body>
</html>
`;
}

function problems({ findings }: Verification): string {
  if (findings.length === 0) return "";
  const items = findings.map(
    ({ severity, message, hint }) =>
      `<li class="${severity}"><strong>${severity === "error" ? "Problem" : severity === "warning" ? "Warning" : "Note"}:</strong> ${text(message)}${hint === undefined ? "" : `<br><span class="hint">${text(hint)}</span>`}</li>`,
  );
  return `<section><h2>Found</h2><ul class="findings">${items.join("")}</ul></section>`;
}

function proofs({ survival, integrity, scanned, personal }: Verification): string {
  const sought = survival.columns.reduce((sum, column) => sum + column.sought, 0);
  const left = personal.filter(({ is }) => is === "left");
  const survivors = survival.survivors.reduce((sum, { values }) => sum + values, 0);
  const lost = integrity.findings.filter(({ severity }) => severity === "error").length;
  const rows: [name: string, what: string, result: string][] = [
    [
      "Originals compared",
      `${count(sought)} values of ${count(survival.columns.length)} masked columns, by a keyed hash with a key that was used once, against ${count(survival.compared)} values, document leaves, list members and words of the copy, with its catalog and planner statistics. Expected number of false matches: ${survival.chance.toExponential(1)}.`,
      survivors === 0 ? "none survived" : `${count(survivors)} survived`,
    ],
    [
      "Originals searched for",
      `${count(survival.searched.samples)} originals, up to a thousand of each column, drawn at random, in all text of the copy (${bytes(survival.searched.bytes)}), also inside of words.`,
      survival.searched.found.length === 0
        ? "none found"
        : `found at ${count(survival.searched.found.length)} places`,
    ],
    [
      "Scan for personal data",
      `${count(scanned.columns)} columns of ${count(scanned.tables)} tables, ${count(scanned.rows)} rows drawn at random, by detectors that know nothing of the rules. ${count(personal.length)} columns look personal: ${count(personal.filter(({ is }) => is === "masked").length)} of them hold masks, ${count(personal.filter(({ is }) => is === "kept").length)} are kept for a reason.`,
      left.length === 0 ? "nothing else" : `${count(left.length)} without a rule`,
    ],
    [
      "Completeness",
      `${count(integrity.rows)} rows of ${count(integrity.tables)} tables, ${count(integrity.foreignKeys)} foreign keys, ${count(integrity.sequences)} sequences.`,
      lost === 0 ? "in order" : `${count(lost)} problems`,
    ],
  ];
  return `<section><h2>What was proven</h2>${table(
    ["Proof", "What was looked at", "Result"],
    rows.map(([name, what, result]) => [
      `<strong>${text(name)}</strong>`,
      text(what),
      text(result),
    ]),
  )}</section>`;
}

function masked(columns: readonly ColumnTold[]): string {
  const rows = columns
    .filter(({ isMasked }) => isMasked)
    .map(({ table: name, column, rules }) => [
      code(`${name}.${column}`),
      rules
        .map(({ path, masker, reason }) =>
          [
            path === undefined ? "" : `${code(path)}: `,
            text(masker),
            reason === undefined ? "" : ` (${text(reason)})`,
          ].join(""),
        )
        .join("<br>"),
    ]);
  return `<section><h2>Columns masked (${rows.length})</h2>${table(["Column", "Mask"], rows)}</section>`;
}

function kept(columns: readonly ColumnTold[]): string {
  const rest = columns.filter(({ isMasked }) => !isMasked);
  const said = rest.filter(({ rules }) => rules.some(({ reason }) => reason !== undefined));
  const others = rest.filter((column) => !said.includes(column));
  const rows = said.map(({ table: name, column, rules }) => [
    code(`${name}.${column}`),
    text(rules.flatMap(({ reason }) => reason ?? []).join("; ")),
  ]);
  return `<section><h2>Columns kept for a reason (${rows.length})</h2>${table(["Column", "Reason"], rows)}
<details><summary>${count(others.length)} further columns are kept because neither name nor type says that they could hold personal data</summary><p class="list">${others.map(({ table: name, column }) => code(`${name}.${column}`)).join(" ")}</p></details></section>`;
}

function anonymity({ anonymity: measured }: Verification): string {
  if (measured.length === 0) {
    return `<section><h2>Quasi-identifiers</h2><p>The rules declare none, so nothing is known of how many people share a combination of place, age and the like.</p></section>`;
  }
  const rows = measured.map(
    ({ table: name, columns, k, wanted, rows: all, below, classes, steps }) => [
      `${code(name)}<br>${columns.map((one) => text(one)).join(", ")}`,
      `k = ${count(k)} (wanted: ${count(wanted)})`,
      text(
        `${count(below)} of ${count(all)} rows in classes below ${wanted}; ${count(classes)} classes`,
      ),
      steps.length === 0
        ? ""
        : steps
            .map((step) => text(`${step.column} ${step.how}: k = ${count(step.k)}`))
            .join("<br>"),
    ],
  );
  return `<section><h2>Quasi-identifiers</h2>${table(["Columns", "Smallest class", "Rows that stand out", "What would raise k, step by step"], rows)}</section>`;
}

function explained({ survival }: Verification): string {
  const { allowed } = survival;
  if (allowed.length === 0) return "";
  const rows = allowed.map(({ reason, from, in: place, values, times }) => [
    from.map((one) => code(one)).join("<br>"),
    text(place),
    `${count(values)} <span class="dim">(${count(times)} times)</span>`,
    text(reasons[reason]),
  ]);
  const values = allowed.reduce((sum, one) => sum + one.values, 0);
  return `<section><h2>Values in both databases, explained (${count(values)})</h2><details><summary>By column</summary>${table(["Original of", "Stands in", "Values", "Why that is no survival"], rows)}</details></section>`;
}

function facts(list: readonly (readonly [name: string, html: string])[]): string {
  return `<dl>${list.map(([name, html]) => `<div><dt>${text(name)}</dt><dd>${html}</dd></div>`).join("")}</dl>`;
}

/** Cells are HTML. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "<p>None.</p>";
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell, n) => `<td data-title="${text(titles[n] ?? "")}">${cell}</td>`).join("")}</tr>`,
  );
  return `<table><thead><tr>${titles.map((title) => `<th scope="col">${text(title)}</th>`).join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function text(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function code(value: string): string {
  return `<code>${text(value)}</code>`;
}

function count(value: number): string {
  return value.toLocaleString("en-GB");
}

function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `2026-11-27 20:59 UTC` */
function readable(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}
