// Loaded before a program that is to do without a network: whatever opens a socket ends it.
const net = require("node:net");

net.Socket.prototype.connect = function connect(...where) {
  console.error("a socket was opened", where);
  process.exit(70);
};
