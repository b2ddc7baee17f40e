// The page: it begins a login at /, and ends it at /callback.

import init, * as program from "/program.js";

const tell = (said) => fetch("/said", { method: "POST", body: JSON.stringify(said) });
addEventListener("error", (event) => tell({ failed: event.message }));
addEventListener("unhandledrejection", (event) => tell({ failed: String(event.reason) }));
console.error = (text) => tell({ failed: text });

await init({ module_or_path: "/program_bg.wasm" });
const { testkit, gateway } = await (await fetch("/where")).json();
const redirectUri = `${location.origin}/callback`;
if (location.pathname === "/") {
  await program.page_failures(gateway);
  const [url, pending] = program.page_login(testkit, gateway, redirectUri);
  sessionStorage.setItem("pending", pending);
  location.assign(url);
} else {
  const [pending, callback] = [sessionStorage.getItem("pending"), location.href];
  sessionStorage.removeItem("pending");
  history.replaceState(null, "", "/");
  tell({ api: await program.page_callback(testkit, gateway, redirectUri, pending, callback) });
}
