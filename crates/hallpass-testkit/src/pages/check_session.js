"use strict";
// A message is a client's id, a space, and the session_state it was given. The answer goes to whoever asked.
const browserState = () => {
  const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
  const found = pairs.find(([name]) => name === "testkit_browser_state");
  return found ? found[1] : "";
};
const hash = async (text) => {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
const check = async (message, origin) => {
  const parts = typeof message === "string" ? message.split(" ") : [];
  const salt = (parts[1] || "").split(".")[1];
  if (parts.length !== 2 || !salt) return "error";
  const expected = await hash([parts[0], origin, browserState(), salt].join(" "));
  return expected + "." + salt === parts[1] ? "unchanged" : "changed";
};
addEventListener("message", async (event) => {
  event.source.postMessage(await check(event.data, event.origin), event.origin);
});
