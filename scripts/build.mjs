/** `npm run build`: bundles src/ into dist/; zod alone takes 200 ms from its own hundreds of files. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundleCommandLine, bundleLibrary } from "./bundle.mjs";

const dist = join(import.meta.dirname, "..", "dist");
rmSync(dist, { recursive: true, force: true });
await Promise.all([bundleCommandLine(dist), bundleLibrary(dist)]);
