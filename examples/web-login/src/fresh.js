// Browsers keep whole pages for the way back, also those with `no-store`. Whoever goes back to this one after a logout
// sees nothing of it, and the server is asked again.
addEventListener("pagehide", () => { document.body.hidden = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
