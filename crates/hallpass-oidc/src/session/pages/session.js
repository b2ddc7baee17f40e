"use strict";
(() => {
  const frame = document.getElementById("op");
  const { source, origin, message, every, next } = frame.dataset;
  const ask = () => frame.contentWindow.postMessage(message, origin);
  let told = "";
  let timer = 0;
  const tell = (state) => {
    if (state === told) return;
    told = state;
    document.documentElement.dataset.session = state;
    // To a page of this application's alone, whoever has framed this one.
    if (parent !== window) parent.postMessage({ session: state }, location.origin);
  };
  const stop = () => {
    clearInterval(timer);
    frame.removeEventListener("load", begin);
    removeEventListener("message", hear);
  };
  const begin = () => {
    clearInterval(timer);
    timer = setInterval(ask, Number(every));
    ask();
  };
  const hear = (event) => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    if (event.data === "unchanged") {
      tell("unchanged");
    } else if (event.data === "changed") {
      stop();
      tell("changed");
      if (next) location.replace(next);
    } else if (event.data === "error") {
      // Asking the provider again would only have it answer so again.
      stop();
      tell("error");
    }
  };
  addEventListener("message", hear);
  frame.addEventListener("load", begin);
  frame.src = source;
})();
