// Runs the tests of a program for wasm32-unknown-unknown: `node run.mjs FOLDER TESTKIT BROWSER`.
//
// FOLDER has the program and the JavaScript around it, TESTKIT is the address of a hallpass-testkit. The plain tests come by number; the others
// are functions of two addresses, TESTKIT's and that of a server that misbehaves as its paths say.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { page } from "./page.mjs";

const [folder, testkit, browser] = process.argv.slice(2);
/** What came to the server that misbehaves. */
const seen = [];

/** What takes longer is told, in milliseconds. */
const SLOW = 500;
const MIB = 1024 * 1024;
const answers = {
  "/echo": (request, response) => json(response, request.headers),
  "/seen": (_, response) => json(response, seen),
  "/redirect": (_, response) => response.writeHead(307, { location: "/caught" }).end(),
  "/caught": (_, response) => json(response, {}),
  "/empty": (_, response) => response.writeHead(204).end(),
  "/limit": (_, response) => response.end(Buffer.alloc(MIB, " ")),
  "/over": (_, response) => {
    response.write(Buffer.alloc(MIB, " "));
    response.end(" ");
  },
  "/announced": (_, response) => response.writeHead(200, { "content-length": 1e10 }).write("{"),
  "/endless": (_, response) => endless(response),
  "/silent": () => {},
  "/drops": (_, response) => {
    response.writeHead(200);
    const drop = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(drop));
  },
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": 100 }).write("{");
    setTimeout(() => response.destroy(), 20);
  },
  "/refused": (request) => request.destroy(),
};

function json(response, value) {
  response.writeHead(200, { "content-type": "application/json", "set-cookie": "kept=1" });
  response.end(JSON.stringify(value));
}

/** As much as is taken. */
function endless(response) {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65536, " ")));
  };
  response.on("drain", more);
  more();
}

const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  seen.push(`${request.method} ${path}`);
  response.on("close", () => response.writableFinished || seen.push(`closed ${path}`));
  answers[path](request, response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const hostile = `http://127.0.0.1:${server.address().port}`;

let current = "the program";
// A panic in a task is nobody's to catch.
process.on("uncaughtException", (error) => {
  console.log(`test ${current} ... FAILED\n${error?.stack ?? error}`);
  process.exit(1);
});

const program = await import(pathToFileURL(join(folder, "program.js")));
program.initSync({ module: readFileSync(join(folder, "program_bg.wasm")) });
const failed = [];
let passed = 0;

async function test(name, run) {
  current = name;
  const begun = performance.now();
  try {
    await run();
    passed += 1;
    const took = performance.now() - begun;
    if (took > SLOW) console.log(`test ${name} ... ok, ${Math.round(took)} ms`);
  } catch (error) {
    failed.push(name);
    console.log(`test ${name} ... FAILED: ${error?.message ?? error}`);
  }
}

for (const [number, name] of program.names().entries()) {
  const run = () => program.run(number);
  await test(name, name.endsWith("!") ? () => panics(run) : run);
}
const plain = passed + failed.length;
for (const [name, run] of Object.entries(program)) {
  if (!["default", "initSync", "names", "run"].includes(name) && !name.startsWith("page_")) {
    await test(name, () => run(testkit, hostile));
  }
}

function panics(run) {
  const say = console.error;
  // What it panics with is as it should be.
  console.error = () => {};
  try {
    run();
  } catch {
    return;
  } finally {
    console.error = say;
  }
  throw new Error("it does not panic");
}

const asked = passed + failed.length - plain;
await test("a_page_without_a_server_of_its_own_logs_in_in_a_real_browser", () => page(folder, testkit, browser));
console.log(`${passed} passed, ${failed.length} failed: ${plain} without I/O, ${asked} with fetch, 1 in a browser`);
process.exit(failed.length > 0 || plain === 0 || asked === 0 ? 1 : 0);
