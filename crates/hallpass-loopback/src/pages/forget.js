
"use strict";
history.replaceState(null, "", location.pathname);
