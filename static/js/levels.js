// A digit answers a question, but only while the focus is inside that question's levels.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const group = event.target.closest("[data-levels]");
  const choice = group?.querySelector(`input[type="radio"][value="${event.key}"]`);
  if (!choice || choice.disabled) return;
  event.preventDefault();
  choice.focus();
  choice.click();
});
