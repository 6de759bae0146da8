/**
 * `npm run test:containers [image]`: the integration tests against PostgreSQL in a container, by
 * testcontainers. Without a Docker engine or the image it says so and counts as skipped.
 */
import { spawnSync } from "node:child_process";

const image = process.argv[2] ?? "postgres:18";

function docker(...args) {
  const { status, stderr, error } = spawnSync("docker", args, { encoding: "utf8" });
  return { isOk: status === 0, why: error?.message ?? stderr.trim().split("\n").at(-1) };
}

function skip(why) {
  console.log(`skipped: the container tests need ${why}`);
  console.log("0 passed, 0 failed, 1 skipped");
  process.exit(0);
}

const engine = docker("version", "--format", "{{.Server.Version}}");
if (!engine.isOk) skip(`a Docker engine (${engine.why})`);
if (!docker("image", "inspect", image).isOk) {
  const pull = docker("pull", image);
  if (!pull.isOk) skip(`the image ${image} (${pull.why})`);
}
const { status } = spawnSync("npx", ["vitest", "run", "--project", "integration"], {
  stdio: "inherit",
  env: { ...process.env, PGWRIGHT_TEST_IMAGE: image },
});
process.exitCode = status ?? 1;
