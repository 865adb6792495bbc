// Where the browser stands is probably where the team is.
"use strict";

const zone = document.getElementById("zone");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
const region = document.getElementById("region");
const country = /-([A-Z]{2})$/.exec(navigator.language);
if (region && !region.value && country) region.value = country[1];
