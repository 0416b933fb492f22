/* Whoever signs out leaves nothing on the device: drafts of answers go, after a question where some are not sent yet. */
(function () {
  "use strict";

  const PREFIX = "cityindex-draft:";

  function drafts() {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch (_) { return []; }
  }

  document.querySelectorAll("form[data-signs-out]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const found = drafts();
      if (found.length && !window.confirm(form.dataset.signsOut)) { event.preventDefault(); return; }
      found.forEach((key) => localStorage.removeItem(key));
    });
  });
})();
