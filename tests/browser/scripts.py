"""What the tests have a page of JupyterLab run: reading pictures, asking the kernel, commands, cells."""

# The largest picture that a selector matches. Of equal sizes the first, which is the one that is drawn on.
READ = """
window.cnnvizRead = (selector) => {
  const area = (e) => (e.naturalWidth ?? e.width) * (e.naturalHeight ?? e.height);
  const all = [...document.querySelectorAll(selector)];
  const shown = all.filter((e) => e.offsetParent !== null && area(e) > 0);
  if (!shown.length) return null;
  const largest = shown.reduce((best, e) => (area(e) > area(best) ? e : best));
  const copy = (window.cnnvizCopy ??= document.createElement("canvas"));
  const width = largest.naturalWidth ?? largest.width, height = largest.naturalHeight ?? largest.height;
  if (copy.width !== width) copy.width = width;
  if (copy.height !== height) copy.height = height;
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.clearRect(0, 0, width, height);
  pen.drawImage(largest, 0, 0);
  return copy;
};
window.cnnvizHash = (selector) => {
  const copy = window.cnnvizRead(selector);
  if (!copy) return null;
  const pixels = copy.getContext("2d").getImageData(0, 0, copy.width, copy.height).data;
  let hash = 0x811c9dc5;
  const words = new Uint32Array(pixels.buffer);
  for (let k = 0; k < words.length; k += 1) hash = Math.imul(hash ^ words[k], 0x01000193) >>> 0;
  return `${copy.width}x${copy.height}:${hash.toString(16)}`;
};
"""

READY = """() => {
  const context = window.jupyterapp?.shell?.currentWidget?.sessionContext;
  return context?.isReady && context.session?.kernel?.status === "idle";
}"""

EXECUTE = """async ([code, expression]) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const asked = expression === null ? {} : { answer: expression };
  const future = kernel.requestExecute({ code, store_history: false, user_expressions: asked });
  const { content } = await future.done;
  const result = content.status === "error" ? content : content.user_expressions?.answer;
  return result ?? { status: "ok", data: {} };
}"""

START = """([command, args]) => {
  window.cnnvizCommand = "running";
  const end = (outcome) => { window.cnnvizCommand = outcome; };
  window.jupyterapp.commands.execute(command, args).then(
    () => end("done"), (error) => end(`failed: ${error}`),
  );
}"""

APPEND = """(code) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const at = notebook.model.cells.length;
  notebook.model.sharedModel.insertCell(at, { cell_type: "code", source: code });
  notebook.deselectAll();
  notebook.activeCellIndex = at;
}"""

OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
  .map((cell) => cell.type === "code" ? cell.outputs.toJSON() : [])"""
