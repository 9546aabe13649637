// Runs before the first paint and chooses what is seen until the page's module is here
// (web/index.html, web/app/src/ui/first_sight.rs): the way in, the frame of the drive for
// somebody who was signed in when the page was last open, or that of a link's page. What
// is typed and pressed meanwhile waits in the document, and the module goes on with it.
const root = document.documentElement;
const isVisit = location.pathname === "/l" || location.pathname.startsWith("/l/");
root.dataset.sight = isVisit ? "visit" : wasSignedIn() ? "drive" : "door";
root.dataset.at = location.pathname.split("/")[1];

function wasSignedIn() {
  try {
    // The page of an earlier release has kept the device only.
    const kept = localStorage.getItem("driftless-signed-in") ?? localStorage.getItem("driftless-device");
    return kept !== null && kept !== "no";
  } catch {
    return false;
  }
}

addEventListener("submit", (event) => {
  const form = event.target.closest("#first-sight form");
  if (!form) return;
  event.preventDefault();
  wait("enter", form.querySelector("[type=submit]"));
});

addEventListener("click", ({ target }) => {
  const pressed = target.closest?.("#first-sight [data-press]");
  if (pressed?.dataset.press === "show") {
    const field = pressed.parentElement.querySelector("input");
    const shows = field.type === "password";
    field.type = shows ? "text" : "password";
    pressed.setAttribute("aria-pressed", shows);
  } else if (pressed) wait(pressed.dataset.press, pressed);
});

/** What a press leads to is in the module. Whoever wants an account may hand that in, too. */
function wait(press, button) {
  const before = root.dataset.press ?? "";
  if (!before.includes("enter")) root.dataset.press = `${before} ${press}`.trim();
  button.disabled = true;
  button.textContent = "One moment…";
}
