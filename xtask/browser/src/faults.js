// What is wrong with a page, as sentences.
const faults = [];

if (!document.documentElement.lang) faults.push("it does not say its language");
if (!document.title) faults.push("it has no title");
if (document.querySelectorAll("h1").length !== 1) faults.push("it has not one heading");
if (!document.querySelector("main")) faults.push("it does not say which part is the main one");
if (!document.querySelector("meta[name=viewport]")) faults.push("a phone would show it small");
if (document.documentElement.scrollWidth > innerWidth) {
  faults.push(`it is ${document.documentElement.scrollWidth} wide where there are ${innerWidth}`);
}
for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  if (!field.labels.length) faults.push(`nobody knows what to type into ${field.outerHTML}`);
}
for (const target of document.querySelectorAll("a, button, input:not([type=hidden]):not([type=checkbox])")) {
  const box = target.getBoundingClientRect();
  if (box.width && box.height < 20) faults.push(`${target.outerHTML} is ${box.height} high, too small for a finger`);
}

// Contrast (WCAG 2.2, 1.4.3): colours are drawn on a canvas, which knows every way to write one.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const probe = document.body.appendChild(document.createElement("span"));
probe.style.color = "Canvas";
const paper = getComputedStyle(probe).color;
probe.remove();

function draw(colours) {
  canvas.globalAlpha = 1;
  for (const [colour, alpha] of [[paper, 1], ...colours]) {
    canvas.globalAlpha = alpha;
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  }
  return canvas.getImageData(0, 0, 1, 1).data;
}
function luminance([r, g, b]) {
  const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

for (const element of document.body.querySelectorAll("*")) {
  const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!says || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName) || !element.checkVisibility()) continue;
  const behind = [];
  let alpha = 1;
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    alpha *= Number(style.opacity);
    behind.unshift([style.backgroundColor, 1]);
  }
  const [back, front] = [draw(behind), draw([...behind, [getComputedStyle(element).color, alpha]])].map(luminance);
  const contrast = (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05);
  if (contrast < 4.5) faults.push(`"${element.textContent.trim()}" stands out ${contrast.toFixed(1)} to 1`);
}
return faults;
