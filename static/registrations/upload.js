// A file that is too large is refused before it travels: a server that answers in the middle of 50 MB is not heard.
const form = document.querySelector("[data-upload]");
const input = form?.querySelector('input[type="file"]');
input?.addEventListener("change", () => {
  const file = input.files[0];
  input.setCustomValidity(file && file.size > Number(form.dataset.max) ? form.dataset.tooLarge : "");
  input.reportValidity();
});
form?.addEventListener(
  "submit",
  (event) => {
    if (input.validity.customError) {
      event.preventDefault();
      event.stopImmediatePropagation();
      input.reportValidity();
    }
  },
  true,
);
