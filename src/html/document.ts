/** A page as one file: it loads nothing, and runs nothing but a script whose hash stands in it. */
import { createHash } from "node:crypto";
import { html, Html } from "./markup.ts";

export interface PageDocument {
  readonly title: string;
  readonly style: string;
  readonly body: Html | readonly Html[];
  /** Runs at the end of the page, and nothing else does; the page is to be readable without it. */
  readonly script?: string;
  /** A comment in front, by which the file is known again. */
  readonly mark?: string;
}

/** The whole text of the file. */
export function renderDocument({ title, style, body, script, mark }: PageDocument): string {
  const scripts =
    script === undefined
      ? ""
      : `; script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  return html`<!doctype html> ${mark === undefined ? null : new Html(`<!-- ${mark} -->\n`)}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'${new Html(scripts)}"
        />
        <title>${title}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        ${body}${script === undefined ? null : new Html(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}
