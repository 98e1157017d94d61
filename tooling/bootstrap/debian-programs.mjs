import { accessSync, chmodSync, constants, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runTool } from "./child-process.mjs";
import { toolEnvironment } from "./environment.mjs";
import { toolFailure } from "./setup-error.mjs";
import { fingerprint, isFresh, writeStamp } from "./stamp.mjs";
import { FETCHED_PROGRAMS, TOOLS } from "./workspace.mjs";

/**
 * The programs that some tests run, and the Debian package of each: a browser for the dashboard; Prometheus, and its
 * tool that checks alert rules.
 */
const PACKAGE_OF = new Map([
  ["chromium", "chromium"],
  ["prometheus", "prometheus"],
  ["promtool", "prometheus"],
]);
/** Names under which other systems have them. */
const OTHER_NAMES = new Map([["chromium", ["chromium-browser", "google-chrome"]]]);
/** A page without a font has no text on its screenshots. */
const FONTS = ["fonts-dejavu-core", "fontconfig-config"];

const FOLDER = join(TOOLS, "debian");
const STAMP = join(FOLDER, "stamp");
const ROOT_FOLDER = join(FOLDER, "root");

/** @returns {boolean} whether this system can fetch Debian packages */
export function canFetchDebianPrograms() {
  return ["apt-get", "dpkg-deb"].every((name) => isOnPath(name));
}

/** @returns {readonly string[]} the programs that neither the system nor this clone has */
export function missingDebianPrograms() {
  if (isFresh(STAMP, state())) return [];
  return [...PACKAGE_OF.keys()].filter((name) => ![name, ...(OTHER_NAMES.get(name) ?? [])].some(isOnPath));
}

/**
 * Fetches the missing programs and what they need into the clone. Nothing is installed on the system, and no rights are
 * necessary: `apt-get` gets its own folders, and the packages are only unpacked.
 */
export async function fetchDebianPrograms() {
  const missing = missingDebianPrograms();
  rmSync(FOLDER, { recursive: true, force: true });
  const apt = join(FOLDER, "apt");
  for (const folder of ["state/lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  const options = [
    ...[`Dir::State=${apt}/state`, `Dir::Cache=${apt}/cache`, "Dir::State::status=/var/lib/dpkg/status"],
    // Root would otherwise download as another user, who cannot enter a private folder; and these folders need no lock.
    ...["APT::Sandbox::User=root", "Debug::NoLocking=1"],
  ].flatMap((option) => ["-o", option]);
  await run("apt-get", [...options, "-qq", "update"]);
  const packages = new Set([...missing.flatMap((name) => PACKAGE_OF.get(name) ?? []), ...FONTS]);
  const download = ["install", "-qq", "-y", "--download-only", "--no-install-recommends", ...packages];
  await run("apt-get", [...options, ...download]);
  const unfinished = `${ROOT_FOLDER}.unfinished`;
  const archives = join(apt, "cache/archives");
  for (const name of readdirSync(archives).filter((each) => each.endsWith(".deb"))) {
    await run("dpkg-deb", ["--extract", join(archives, name), unfinished]);
  }
  renameSync(unfinished, ROOT_FOLDER);
  rmSync(apt, { recursive: true });
  writeLaunchers(missing);
  writeStamp(STAMP, state());
}

/**
 * Writes a script for each program, which starts it with the libraries and fonts of the unpacked packages.
 * @param {readonly string[]} programs
 */
function writeLaunchers(programs) {
  mkdirSync(FETCHED_PROGRAMS, { recursive: true });
  const fonts = join(FOLDER, "fonts.conf");
  const folders = ["/usr/share/fonts", join(ROOT_FOLDER, "usr/share/fonts")].map((each) => `<dir>${each}</dir>`);
  writeFileSync(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>${folders.join("")}<cachedir>${join(FOLDER, "font-cache")}</cachedir></fontconfig>\n`,
  );
  const path = libraryFolders(join(ROOT_FOLDER, "usr/lib")).join(":");
  for (const name of programs) {
    const unpacked = name === "chromium" ? "usr/lib/chromium/chromium" : join("usr/bin", name);
    const script = join(FETCHED_PROGRAMS, name);
    writeFileSync(
      script,
      `#!/bin/sh
export LD_LIBRARY_PATH='${path}' FONTCONFIG_FILE='${fonts}'
exec '${join(ROOT_FOLDER, unpacked)}' "$@"
`,
    );
    chmodSync(script, 0o755);
  }
}

/**
 * Returns the folders of shared libraries: that of the architecture, and those in it, such as the one of PulseAudio.
 * @param {string} folder
 * @returns {readonly string[]}
 */
function libraryFolders(folder) {
  const architectures = subfolders(folder).filter((path) => path.endsWith("-linux-gnu"));
  return architectures.flatMap((path) => [path, ...subfolders(path)].filter(hasLibraries));
}

/** @param {string} folder */
function subfolders(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/** @param {string} folder */
function hasLibraries(folder) {
  return readdirSync(folder).some((name) => /\.so(\.|$)/.test(name));
}

function state() {
  return fingerprint([...PACKAGE_OF.keys(), ...FONTS, FOLDER], []);
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function run(program, args) {
  const result = await runTool(program, args, { env: toolEnvironment() });
  if (result.status === 0) return;
  const names = [...new Set(PACKAGE_OF.values())].join(" ");
  throw toolFailure("fetching a browser and Prometheus from Debian", result, `install them yourself: ${names}.`);
}
