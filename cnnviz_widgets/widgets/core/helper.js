// What Python cannot reach: the width of the column, names and states for screen readers, keys, full screen, downloads.

const QUIET = "data-lm-suppress-shortcuts"; // JupyterLab leaves single letters alone inside such an element
const CALM = 400; // ms after a change
const FOCUSABLE = "button, select, input, a[href], summary, [tabindex], .noUi-handle, .widget-readout";

// What belongs to this widget, and not to one that stands inside it.
function own(root, selector) {
  return [...root.querySelectorAll(selector)].filter((part) => part.parentElement?.closest(".cv") === root);
}

function nameSliders(root) {
  for (const row of own(root, ".cv-row")) {
    const label = row.querySelector(".widget-label")?.textContent?.trim();
    const handle = row.querySelector(".noUi-handle");
    if (label && handle) {
      handle.setAttribute("aria-label", label);
      const readout = row.querySelector(".widget-readout");
      if (readout) handle.setAttribute("aria-valuetext", readout.textContent);
    }
  }
  for (const handle of own(root, ".cv-depth .noUi-handle")) {
    const lines = own(root, ".cv-exact option").filter((line) => !line.text.startsWith("\u2500"));
    const layer = lines[Math.round(Number(handle.getAttribute("aria-valuenow")))];
    handle.setAttribute("aria-label", "Depth");
    if (layer) handle.setAttribute("aria-valuetext", layer.text);
  }
  for (const select of own(root, ".cv-exact select")) select.setAttribute("aria-label", "Layer");
  for (const input of own(root, ".cv-search input")) input.setAttribute("aria-label", "Search a target");
}

function stateButtons(root) {
  for (const b of root.querySelectorAll(".widget-toggle-button")) b.setAttribute("aria-pressed", b.classList.contains("mod-active"));
  for (const b of root.querySelectorAll(".cv-thumb, .cv-bar5, .cv-frame, .cv-swatch, .cv-tile, .cv-step, .cv-headframe")) b.setAttribute("aria-pressed", b.classList.contains("cv-on"));
  for (const b of root.querySelectorAll("button[title]")) if (!b.textContent.trim() || b.matches(".cv-icon, .cv-headframe")) b.setAttribute("aria-label", b.title);
}

// A live region is heard only if it was there before its words changed: the markup is replaced, what holds it stays.
function keepStatus(root) {
  const say = root.querySelector(".cv-foot .cv-say");
  if (!say) return;
  const holder = say.parentElement;
  if (holder.getAttribute("role") !== "status") holder.setAttribute("role", "status");
  if (say.getAttribute("role") === "status") {
    say.removeAttribute("role");
    say.removeAttribute("aria-live");
  }
}

function freeKeys(root) {
  for (const part of root.querySelectorAll(FOCUSABLE)) if (!part.hasAttribute(QUIET)) part.setAttribute(QUIET, "true");
  for (const canvas of root.querySelectorAll(".jupyter-matplotlib-canvas-div, .jupyter-matplotlib-canvas-div canvas")) {
    if (canvas.getAttribute("tabindex") !== "-1") canvas.setAttribute("tabindex", "-1");
    if (!canvas.hasAttribute(QUIET)) canvas.setAttribute(QUIET, "true");
  }
  for (const canvas of own(root, ".cv-canvas canvas")) canvas.setAttribute("role", "img");
  const say = (own(root, ".cv-about")[0] ?? own(root, ".cv-say")[0])?.textContent?.trim();
  if (say) for (const canvas of own(root, ".cv-canvas canvas")) if (canvas.getAttribute("aria-label") !== say) canvas.setAttribute("aria-label", say);
}

// The heads of a film are one stop of the Tab key; arrow keys walk through them.
function rove(root) {
  const heads = own(root, ".cv-headframe");
  const stop = heads.find((head) => head === document.activeElement) ?? heads.find((head) => head.classList.contains("cv-on")) ?? heads[0];
  for (const head of heads) if (head.tabIndex !== (head === stop ? 0 : -1)) head.tabIndex = head === stop ? 0 : -1;
}

function walkHeads(event, root) {
  const heads = own(root, ".cv-headframe");
  const at = heads.indexOf(event.target);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (at < 0 || !by || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  heads[at + by]?.focus();
  rove(root);
}

// Arrow keys walk over the wall of maps as over a table; at its rim they do nothing.
function walk(event, root) {
  const tiles = own(root, ".cv-tile").filter((tile) => tile.offsetParent);
  const at = tiles.indexOf(event.target);
  if (at < 0 || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  tiles[at + by]?.focus();
}

function download({ name, type }, buffers) {
  const address = URL.createObjectURL(new Blob([buffers[0]], { type }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

async function copy(root) {
  const text = root.querySelector(".cv-code pre")?.textContent ?? "";
  const button = root.querySelector(".cv-copy");
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(root.querySelector(".cv-code pre"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    said = "Selected: press Ctrl+C";
  }
  if (button) button.textContent = said;
}

// Before each frame ipympl reads the one before back from the screen, for the file that the notebook is saved in. That takes
// longer than drawing; once after the last frame is enough.
async function readAtRest(model) {
  for (const id of model.get("canvases")) {
    const canvas = await model.widget_manager.get_model(id).catch(() => null);
    const screen = canvas?.offscreen_canvas;
    if (!screen) continue;
    let rest = 0;
    const read = () => canvas.set("_data_url", HTMLCanvasElement.prototype.toDataURL.call(screen));
    screen.toDataURL = () => {
      clearTimeout(rest);
      rest = setTimeout(read, CALM);
      return canvas.get("_data_url");
    };
  }
}

function attach(root, model) {
  let asked = 0;
  const dress = () => { asked = 0; nameSliders(root); stateButtons(root); keepStatus(root); freeKeys(root); rove(root); };
  let calm = 0;
  // An answer to the page's own message keeps the kernel's ear for each control off a busy cell; see Desk.prime.
  const call = () => { calm = 0; model.send({ do: "answer" }); };
  const soon = () => { asked ||= requestAnimationFrame(dress); calm ||= setTimeout(call, CALM); };
  const tell = () => {
    const width = Math.round(root.parentElement?.clientWidth ?? root.clientWidth);
    if (width > 0 && width !== model.get("width")) { model.set("width", width); model.save_changes(); }
  };
  const watched = new MutationObserver(soon);
  watched.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "title", "aria-valuenow"] });
  let rest = 0;
  const sized = new ResizeObserver(() => { clearTimeout(rest); rest = setTimeout(tell, 120); });
  sized.observe(root.parentElement ?? root);
  const full = () => { model.set("full_screen", document.fullscreenElement === root); model.save_changes(); };
  document.addEventListener("fullscreenchange", full);
  const clicked = (event) => { if (event.target.closest(".cv-copy")?.closest(".cv") === root) copy(root); };
  root.addEventListener("click", clicked);
  const pressed = (event) => { walk(event, root); walkHeads(event, root); };
  root.addEventListener("keydown", pressed);
  dress();
  soon();
  tell();
  model.set("loaded", true);
  model.save_changes();
  return () => {
    watched.disconnect();
    sized.disconnect();
    clearTimeout(rest);
    clearTimeout(calm);
    cancelAnimationFrame(asked);
    document.removeEventListener("fullscreenchange", full);
    root.removeEventListener("click", clicked);
    root.removeEventListener("keydown", pressed);
  };
}

function render({ model, el }) {
  let detach = null;
  let frame = 0;
  let root = null;
  const find = () => {
    root = el.closest(".cv");
    if (root) detach = attach(root, model);
    else frame = requestAnimationFrame(find);
  };
  const heard = (content, buffers) => {
    if (content.do === "download") download(content, buffers);
    if (content.do === "show") setTimeout(() => root?.querySelector(content.what)?.scrollIntoView({ block: "nearest", behavior: "smooth" }), 100);
    if (content.do === "full screen") {
      if (document.fullscreenElement) document.exitFullscreen();
      else root?.requestFullscreen?.();
    }
  };
  model.on("msg:custom", heard);
  readAtRest(model);
  find();
  return () => {
    cancelAnimationFrame(frame);
    model.off("msg:custom", heard);
    detach?.();
  };
}

export default { render };
