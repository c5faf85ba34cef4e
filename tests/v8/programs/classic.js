const path = require("node:path");
require("./classic_part.js");
console.log(path.sep.length);
