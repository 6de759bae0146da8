/** `npm run check`: everything that needs no database, side by side, with one line for each. */
import { spawn } from "node:child_process";

const checks = {
  format: "oxfmt --check",
  lint: "oxlint --type-aware --deny-warnings",
  types: "tsc -p .",
  generated: "node scripts/generate.mjs --check",
  unit: "vitest run --project unit --reporter=dot",
};

function run(name, command) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
      if (code !== 0) console.log(output);
      resolve(code === 0);
    });
  });
}

const results = [];
const quick = ["format", "types", "generated"].map((name) => run(name, checks[name]));
results.push(...(await Promise.all(quick)));
results.push(...(await Promise.all(["lint", "unit"].map((name) => run(name, checks[name])))));
process.exitCode = results.every(Boolean) ? 0 : 1;
