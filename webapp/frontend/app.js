// Every page. Each module listens on the document, so that what htmx brings in later works without being set up.
import "htmx.org";
import "./batch.js";
import "./bulk.js";
import "./copy.js";
import "./failures.js";
import "./files.js";
import "./filters.js";
import "./keyboard.js";
import "./menus.js";
import "./password.js";
import "./print.js";
import "./reorder.js";
import "./tables.js";
import "./tabs.js";
import "./toast.js";
// Before what reads a form's values: it may add and remove rows.
import "./forms.js";
import "./figures.js";
// Gates before a form is sent, in the order in which they are passed.
import "./leaving.js";
import "./along.js";
import "./upload.js";
import "./confirm.js";
import "./autosave.js";
import "./reach.js";
import "./submit.js";
