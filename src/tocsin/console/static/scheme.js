// Dark or light: as the system has it, unless the reader chose; the server reads the outcome from a cookie.
(() => {
  const cookie = (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.split("=")[1];
  const keep = (name, value) => (document.cookie = `${name}=${value}; path=/; SameSite=Strict; max-age=31536000`);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const settle = () => {
    const wanted = cookie("chosen") ?? (system.matches ? "dark" : "light");
    const before = cookie("scheme") ?? "light";
    keep("scheme", wanted);
    if (wanted !== before && cookie("scheme") === wanted) location.reload();
  };
  settle();
  system.addEventListener("change", settle);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#scheme")) return;
    keep("chosen", cookie("scheme") === "dark" ? "light" : "dark");
    settle();
  });
  document.addEventListener("focusin", (event) => (window.held = event.target));
  document.addEventListener("visibilitychange", () => emitEvent("seen", document.visibilityState === "visible"));
})();
