// While a proof is being made the page looks again by itself, as long as nobody is using it.
setInterval(() => {
  const busy = document.activeElement && document.activeElement !== document.body;
  if (!busy && !document.hidden) location.reload();
}, 4000);
