// In the place of native.js, in a browser: the addon's exports are put here before the library is loaded.
module.exports = {};
