// Bundles the front end into webapp/static/dist/ with content-hashed names, and writes manifest.json, which maps
// the plain names (app.js, app.css, diagram.js, diagram.css, icons.svg, logo.svg, favicon.svg) to the hashed ones.
//
//   node webapp/frontend/build.mjs            once, minified
//   node webapp/frontend/build.mjs --watch    again at every change
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const FRONTEND = dirname(fileURLToPath(import.meta.url));
const WEBAPP = dirname(FRONTEND);
const ROOT = dirname(WEBAPP);
const DIST = join(WEBAPP, "static", "dist");
const ICONS = join(ROOT, "node_modules", "@tabler", "icons", "icons", "outline");
const watching = process.argv.includes("--watch");

async function filesBelow(folder, extension) {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((name) => name.endsWith(extension) && !name.startsWith(join("static", "dist")))
    .map((name) => join(folder, name));
}

/** The names declared in icons.json plus every icon that a template names literally. */
async function iconNames() {
  const names = new Set(JSON.parse(await readFile(join(FRONTEND, "icons.json"), "utf8")));
  for (const file of await filesBelow(WEBAPP, ".html")) {
    const text = await readFile(file, "utf8");
    for (const [, name] of text.matchAll(/\bicon(?:\(|\s*=\s*)["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

async function symbol(name) {
  const svg = await readFile(join(ICONS, `${name}.svg`), "utf8").catch(() => {
    throw new Error(`There is no Tabler icon named "${name}" (icons.json or a template asks for it).`);
  });
  const drawing = svg
    .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawing}</symbol>`;
}

/** One file of symbols, used as <use href="icons-….svg#name">: same origin, cached, no inline script or style. */
async function buildSprite() {
  const symbols = await Promise.all((await iconNames()).map(symbol));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  return hashed("icons.svg", sprite);
}

async function hashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const stored = name.replace(/\.(\w+)$/, `-${hash}.$1`);
  await writeFile(join(DIST, stored), content);
  return stored;
}

async function copyImages(manifest) {
  for (const file of await filesBelow(join(FRONTEND, "images"), ".svg")) {
    manifest[basename(file)] = await hashed(basename(file), await readFile(file));
  }
}

/** Phones on slow lines get the gzip file that stands beside each bundle. */
async function compress(name) {
  const bytes = await readFile(join(DIST, name));
  await writeFile(join(DIST, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
}

async function writeManifest(outputs) {
  const manifest = { "icons.svg": await buildSprite() };
  await copyImages(manifest);
  for (const [path, output] of Object.entries(outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
  }
  await Promise.all(Object.values(manifest).map(compress));
  // Renamed into place, so that a running server never reads half of it.
  const partial = join(DIST, `manifest.${process.pid}.tmp`);
  await writeFile(partial, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(partial, join(DIST, "manifest.json"));
  return manifest;
}

async function removeStale(manifest, outputs) {
  const kept = new Set(["manifest.json", "assets"]);
  for (const name of [...Object.values(manifest), ...Object.keys(outputs).map((path) => basename(path))]) {
    kept.add(name).add(`${name}.gz`);
  }
  for (const folder of [DIST, join(DIST, "assets")]) {
    for (const name of await readdir(folder)) {
      if (!kept.has(name) && !name.endsWith(".tmp")) await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Tabler as far as templates and scripts name its parts, a fifth: a browser asks every rule for each element. */
const tabler = {
  name: "tabler",
  setup(build) {
    build.onLoad({ filter: /tabler\.css$/ }, async ({ path }) => {
      const files = (await Promise.all([".html", ".js"].map((extension) => filesBelow(WEBAPP, extension)))).flat();
      const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
      const begun = texts.flatMap((text) => text.match(/(?<=class="[^"]*)[\w-]+-(?=\{\{)/g) ?? []); // btn-{{ tone }}
      const [{ css }] = await new PurgeCSS().purge({
        content: texts.map((raw) => ({ raw, extension: "html" })),
        css: [{ raw: await readFile(path, "utf8") }],
        // A selector like `:focus-visible` names nothing; `<h{{ level }}>` may be these two.
        safelist: [/^:/, "h5", "h6", ...begun.map((start) => new RegExp(`^${start}`))],
        // Words of ours that are Tabler's by chance: their `:has(…)` has browsers style a whole page again at each change.
        blocklist: ["signal", "steps"],
      });
      return { contents: css, loader: "css", watchFiles: files };
    });
  },
};

const finish = {
  name: "manifest",
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length) return;
      const manifest = await writeManifest(result.metafile.outputs);
      await removeStale(manifest, result.metafile.outputs);
      console.log(Object.values(manifest).join("  "));
    });
  },
};

await mkdir(join(DIST, "assets"), { recursive: true });
const context = await esbuild.context({
  absWorkingDir: ROOT,
  entryPoints: ["app.js", "app.css", "diagram.js", "diagram.css", "editor.js", "editor.css"].map((name) => join(FRONTEND, name)),
  outdir: DIST,
  entryNames: "[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  publicPath: ".",
  bundle: true,
  minify: !watching,
  sourcemap: watching ? "linked" : false,
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  loader: Object.fromEntries([".woff2", ".woff", ".ttf", ".eot", ".svg"].map((extension) => [extension, "file"])),
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [tabler, finish],
});
if (watching) {
  await context.watch();
} else {
  try {
    await context.rebuild();
  } finally {
    await context.dispose();
  }
}
