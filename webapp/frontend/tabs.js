// Where the tabs are wider than a telephone, that of this page is in sight.
for (const tab of document.querySelectorAll('.q-tabs [aria-current="page"]')) {
  const list = tab.closest(".q-tabs");
  const end = tab.getBoundingClientRect().right - list.getBoundingClientRect().right;
  if (end > 0) list.scrollLeft += end + 16;
}
