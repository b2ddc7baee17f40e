// A page without a server of its own logs in, in a real browser: what serves its files, what stands before the test kit and allows
// its origin, and the browser.

import assert from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE = 60_000;

export async function page(folder, testkit, browser) {
  const asked = [];
  const gateway = await listen(createServer((request, response) => pass(request, response, testkit, asked)));
  let said;
  const heard = new Promise((resolve) => (said = resolve));
  const site = await listen(createServer((request, response) => files(request, response, folder, { testkit, gateway }, said)));
  const profile = mkdtempSync(join(tmpdir(), "hallpass-page-"));
  const flags = ["--headless", "--no-first-run", "--disable-gpu", `--user-data-dir=${profile}`];
  if (process.getuid?.() === 0) flags.push("--no-sandbox");
  // In a group of its own, so that its helpers end with it.
  const running = spawn(browser, [...flags, `${site}/`], { stdio: "ignore", detached: true });
  const ended = new Promise((_, reject) => {
    running.on("error", reject);
    running.on("exit", () => reject(new Error(`${browser} has ended`)));
    setTimeout(() => reject(new Error("the page says nothing")), PATIENCE).unref();
  });
  try {
    const { api, failed } = await Promise.race([heard, ended]);
    assert.equal(failed, undefined);
    assert.match(api, /alice/);
  } finally {
    ended.catch(() => {});
    if (running.exitCode === null && running.pid) process.kill(-running.pid, "SIGKILL");
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
  const lines = asked.map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(lines.filter((line) => !line.startsWith("OPTIONS")), [
    "GET /redirect",
    "GET /withheld?canary",
    "POST /oauth/token",
    "POST /oauth/token",
    "GET /resource",
  ]);
  for (const { headers } of asked) {
    assert.equal(headers.origin, site);
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
  }
}

async function listen(server) {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${server.address().port}`;
}

/** The page's files and nothing else. What it may do is what hallpass-http's README says it has to be allowed. */
function files(request, response, folder, where, said) {
  const send = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
  switch (request.url.split("?")[0]) {
    case "/":
    case "/callback":
      response.setHeader(
        "content-security-policy",
        `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${where.gateway}`,
      );
      return send("text/html", '<!doctype html><title>A page</title><script type="module" src="/page.js"></script>');
    case "/page.js":
      return send("text/javascript", readFileSync(new URL("page.js", import.meta.url)));
    case "/program.js":
      return send("text/javascript", readFileSync(join(folder, "program.js")));
    case "/program_bg.wasm":
      return send("application/wasm", readFileSync(join(folder, "program_bg.wasm")));
    case "/where":
      return send("application/json", JSON.stringify(where));
    case "/said":
      return read(request).then((text) => {
        response.end();
        said(JSON.parse(text));
      });
    default:
      return response.writeHead(404).end();
  }
}

/** What stands before the test kit, which knows nothing of pages. */
async function pass(request, response, testkit, asked) {
  const { method, url, headers } = request;
  asked.push({ method, url, headers });
  if (url.startsWith("/withheld")) return response.end("{}");
  response.setHeader("access-control-allow-origin", headers.origin ?? "");
  if (method === "OPTIONS") {
    return response.writeHead(204, { "access-control-allow-headers": "authorization, dpop" }).end();
  }
  // One that sets a cookie, too, which must not come back.
  response.setHeader("set-cookie", "kept=1");
  if (url === "/redirect") return response.writeHead(302, { location: "/caught" }).end();
  const { authorization, "content-type": type } = headers;
  const kept = Object.entries({ authorization, "content-type": type }).filter(([, value]) => value);
  const body = method === "POST" ? await read(request) : undefined;
  const answer = await fetch(testkit + url, { method, headers: kept, body });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
  response.end(await answer.text());
}

async function read(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}
