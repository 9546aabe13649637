// Loads the page's main module. A file of its own because the page's policy
// allows no inline script; Trunk writes the hashed names into the script tag.
const { js, wasm } = document.querySelector("script[data-wasm]").dataset;
try {
  const app = await import(js);
  await app.default({ module_or_path: wasm });
  // Where there is none (private windows, an insecure address), the page opens
  // with a connection only.
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
} catch (error) {
  console.error(error);
  const note = document.createElement("p");
  note.className = "splash-note";
  note.setAttribute("role", "alert");
  note.textContent = "Driftless could not be loaded. Reload the page to try again.";
  document.getElementById("app").replaceChildren(note);
}
