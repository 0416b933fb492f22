/* Loads the pictures of places of equal size when they come near the window, and opens provinces in place.
   Without this script, the same stands on a page of its own (cityindex/web/pages/crowd.py). */
(function () {
  "use strict";

  function start(section) {
    function part(name) { return section.querySelector('[data-crowd="' + name + '"]'); }

    var asked = {};

    /* Promises the place of a picture with the picture in it; nothing where it did not come, or another was asked for since. */
    function load(name, url) {
      var holder = part(name), failed = section.querySelector("[data-failed]");
      asked[name] = url;
      return fetch(url).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status + " " + url);
        return answer.text();
      }).then(function (markup) {
        if (asked[name] !== url) return null;
        failed.hidden = true;
        holder.innerHTML = markup; // our own page, escaped where it was made
        holder.dispatchEvent(new CustomEvent("chart:added", { bubbles: true }));
        toMiddle(holder);
        return holder;
      }).catch(function (error) {
        failed.hidden = false;
        console.error(error);
      });
    }

    /* Where there is no room for all dots, most of them stand in the middle. */
    function toMiddle(holder) { if (holder.firstElementChild) holder.scrollLeft = (holder.scrollWidth - holder.clientWidth) / 2; }

    function open(province, move) {
      var url = section.dataset.cells + "&province=" + encodeURIComponent(province);
      return load("cells", url).then(function (holder) {
        if (!holder) return;
        var heading = holder.querySelector("h3");
        if (heading && move) heading.focus();
        part("tiles").querySelectorAll("a").forEach(function (tile) {
          tile.classList.toggle("chosen", tile.dataset.place === province);
        });
      });
    }

    var near = new IntersectionObserver(function (entries) {
      if (!entries.some(function (entry) { return entry.isIntersecting; })) return;
      near.disconnect();
      ["tiles", "dots"].forEach(function (name) { if (section.dataset[name]) load(name, section.dataset[name]); });
      var province = new URLSearchParams(window.location.search).get("province");
      if (province && section.dataset.tiles) open(province, false);
    }, { rootMargin: "300px" });
    near.observe(section);
    toMiddle(part("dots"));

    part("tiles").addEventListener("click", function (event) {
      var tile = event.target.closest("a[data-place]");
      if (!tile || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(tile.dataset.place, true);
    });
  }

  var first = document.getElementById("crowd");
  if (!first) return;
  start(first);
  /* The page of the map puts another section in place when its view changes. */
  if (first.parentElement.dataset.part) {
    new MutationObserver(function () {
      var next = document.getElementById("crowd");
      if (next && next !== first) start(first = next);
    }).observe(first.parentElement, { childList: true });
  }
})();
