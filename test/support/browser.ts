/** Pages in headless Chromium, where it is installed. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { withFolder } from "./folder.ts";

const execute = promisify(execFile);
const program = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export const hasBrowser = program !== undefined;

/**
 * Shows a page in frames of those widths (a browser's smallest window is wider), runs `script` in each,
 * and gives what that returns, by width. The page's own policy is taken out, so that ours may run.
 */
export async function measurePage(
  page: string,
  widths: readonly number[],
  script: string,
): Promise<Record<number, unknown>> {
  const frames = widths.map(
    (width) =>
      `<iframe name="${width}" style="border:0;width:${width}px;height:4000px" src="page.html"></iframe>`,
  );
  const collect = `const found = {}; onmessage = ({ data }) => {
    found[data.width] = data.found;
    if (Object.keys(found).length === ${widths.length}) document.body.textContent = JSON.stringify(found);
  };`;
  await using folder = await withFolder({
    "page.html": page
      .replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, "")
      .replace(
        "</body>",
        () =>
          `<script>parent.postMessage({ width: name, found: (() => { ${script} })() }, "*");</script></body>`,
      ),
    "frame.html": `<body style="margin:0"><script>${collect}</script>${frames.join("")}</body>`,
  });
  const { stdout } = await dump(join(folder.path, "frame.html"), folder.path);
  const [, json = ""] = /<body[^>]*>([^]*)<\/body>/.exec(stdout) ?? [];
  return JSON.parse(json.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
}

/** The document as it is once it has run, under its own policy, and what the console said. */
export async function openPage(page: string): Promise<{ stdout: string; stderr: string }> {
  await using folder = await withFolder();
  const path = join(folder.path, "page.html");
  await writeFile(path, page);
  return await dump(path, folder.path);
}

async function dump(path: string, folder: string) {
  if (program === undefined) throw new Error("there is no Chromium");
  return execute(
    program,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--enable-logging=stderr",
      `--user-data-dir=${join(folder, "profile")}`,
      "--virtual-time-budget=5000",
      "--dump-dom",
      pathToFileURL(path).href,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
}
