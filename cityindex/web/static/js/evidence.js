// A file that is too large is told before it is sent: on a slow line that is minutes earlier.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  const said = document.getElementById(`${input.id}-error`);
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    said.textContent = large ? input.dataset.tooLarge : "";
    said.hidden = !large;
  });
}
