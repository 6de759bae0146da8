/** One table or view on the page. */
import { html, type Html } from "../../html/markup.ts";
import type { Column, Reference, Table, TableName } from "../model.ts";
import {
  auditText,
  keyText,
  policyHead,
  rightText,
  rowSecurityText,
  sizeText,
  valueText,
} from "../words.ts";

// In a template with a tag it would not reach the bundle, which is ASCII.
const arrow = "→";

export function showTable(one: Table): Html {
  return html`<article id="${one.anchor}" data-name="${one.id}">
    <h3>
      <code>${one.name}</code>
      <span class="kind"
        >${one.kind}, owned by
        ${one.owner}${one.size === undefined ? "" : `, ${sizeText(one.size)}`}</span
      >
    </h3>
    ${one.comment === undefined ? null : html`<p>${one.comment}</p>`} ${columns(one)}
    ${list(
      "References",
      one.references.map((reference) => outgoing(reference)),
    )}
    ${list(
      "Referenced by",
      one.referencedBy.map((reference) => incoming(reference)),
    )}
    ${list(
      "Constraints",
      one.constraints.filter(({ kind }) => kind !== "foreign key").map(constraint),
    )}
    ${list("Indexes", one.indexes.filter(({ isOfConstraint }) => !isOfConstraint).map(index))}
    ${partitioning(one)} ${access(one)} ${policies(one)}
    ${
      one.audit === undefined
        ? null
        : html`<h4>Audit</h4>
            <p>${auditText(one.audit)}</p>`
    }
    ${list("Triggers", one.triggers.map(trigger))}
    ${
      one.query === undefined
        ? null
        : html`<details>
            <summary>Query</summary>
            <pre>${one.query}</pre>
          </details>`
    }
  </article>`;
}

function columns({ columns: all }: Table): Html {
  const hasValues = all.some((column) => valueText(column) !== "");
  const hasKeys = all.some((column) => keyText(column) !== "");
  return html`<table class="stack columns">
    <thead>
      <tr>
        <th scope="col">column</th>
        <th scope="col">type</th>
        ${hasKeys ? html`<th scope="col">key</th>` : null}
        ${hasValues ? html`<th scope="col">default</th>` : null}
        <th scope="col">description</th>
      </tr>
    </thead>
    <tbody>
      ${all.map(
        (column) =>
          html`<tr>
            <td><code>${column.name}</code></td>
            <td>
              <code>${column.type}</code
              >${column.isNullable ? html` <span class="null">or null</span>` : null}
            </td>
            ${hasKeys ? html`<td data-title="key">${keyText(column)}</td>` : null}
            ${hasValues ? html`<td data-title="default">${value(column)}</td>` : null}
            <td>${column.comment ?? ""}${personal(column)}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}

function value(column: Column): Html | string {
  const shown = valueText(column);
  return shown === "" ? "" : html`<code>${shown}</code>`;
}

function personal({ personal: one }: Column): Html | null {
  if (one === undefined) return null;
  return html`<div class="personal-note">
    ${one.says.map((says) => html`<span class="tag personal">${says}</span>`)}${one.rules.join("; ")}
  </div>`;
}

function link({ anchor, id }: TableName): Html {
  return html`<a href="#${anchor}"><code>${id}</code></a>`;
}

function outgoing({ columns: from, to, toColumns, onDelete, name }: Reference): Html {
  return html`<code>${from.join(", ")}</code> ${arrow} ${link(to)}
    <code>(${toColumns.join(", ")})</code
    >${onDelete === "" ? "" : `, on delete ${onDelete.toLowerCase()}`}
    <span class="dim">${name}</span>`;
}

function incoming({ from, columns: by, onDelete }: Reference): Html {
  return html`${link(from)}
    <code>(${by.join(", ")})</code
    >${onDelete === "" ? "" : `, on delete ${onDelete.toLowerCase()}`}`;
}

function constraint({ name, kind, definition, comment }: Table["constraints"][number]): Html {
  return html`<code>${definition}</code>
    <span class="dim">${kind} ${name}</span>${remark(comment)}`;
}

function index({ name, isUnique, isValid, definition, comment }: Table["indexes"][number]): Html {
  return html`<code>${name}</code>${isUnique ? " (unique)" : ""}${isValid ? "" : " (not valid)"}:
    <code>${definition}</code>${remark(comment)}`;
}

function trigger({ name, isEnabled, definition, comment }: Table["triggers"][number]): Html {
  return html`<code>${name}</code>${isEnabled ? "" : " (disabled)"}:
    <code>${definition}</code>${remark(comment)}`;
}

function partitioning({ partitioning: one }: Table): Html | null {
  if (one === undefined) return null;
  return html`<h4>Partitions</h4>
    <p>By <code>${one.key}</code>. ${one.upkeep.join(" ")}</p>
    ${
      one.partitions === undefined
        ? null
        : html`<details>
            <summary>${one.partitions.length} partitions</summary>
            <table class="stack">
              <tbody>
                ${one.partitions.map(
                  ({ id, bound, size }) =>
                    html`<tr>
                      <td><code>${id}</code></td>
                      <td><code>${bound}</code></td>
                      <td class="n">${sizeText(size)}</td>
                    </tr> `,
                )}
              </tbody>
            </table>
          </details>`
    }`;
}

function access({ rights }: Table): Html {
  if (rights.length === 0) {
    return html`<h4>Access</h4>
      <p>Nobody but the owner.</p>`;
  }
  const hasRows = rights.some(({ rows }) => rows.length > 0);
  return html`<h4>Access</h4>
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">role</th>
          <th scope="col">may</th>
          ${hasRows ? html`<th scope="col">rows, as measured</th>` : null}
        </tr>
      </thead>
      <tbody>
        ${rights.map(
          ({ role, rights: own, rows }) =>
            html`<tr>
              <td>${role === null ? "everybody" : html`<code>${role}</code>`}</td>
              <td data-title="may">${own.map(rightText).join(", ")}</td>
              ${
                hasRows
                  ? html`<td>
                      ${rows.map(([command, cell]) => html`<div><span class="dim">${command}</span> ${cell}</div>`)}
                    </td>`
                  : null
              }
            </tr> `,
        )}
      </tbody>
    </table>`;
}

function policies(one: Table): Html | null {
  const security = rowSecurityText(one);
  if (security === undefined) return null;
  return html`<h4>Row level security</h4>
    <p>${security}</p>
    <ul>
      ${one.policies.map(
        (policy) =>
          html`<li>
            <code>${policy.name}</code>:
            ${policyHead(policy)}${clause("using", policy.using)}${clause("with check", policy.check)}${remark(policy.comment)}
          </li>`,
      )}
    </ul>`;
}

function clause(name: string, expression: string | undefined): Html | null {
  return expression === undefined ? null : html`, ${name} <code>${expression}</code>`;
}

function remark(comment: string | undefined): Html | null {
  return comment === undefined ? null : html`. ${comment}`;
}

function list(title: string, lines: readonly Html[]): Html | null {
  if (lines.length === 0) return null;
  return html`<h4>${title}</h4>
    <ul>
      ${lines.map((line) => html`<li>${line}</li> `)}
    </ul>`;
}
