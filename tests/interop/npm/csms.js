// A CSMS on a free port of the loopback, for one station: node csms.js SUBPROTOCOL
"use strict";

const { RPCServer } = require("ocpp-rpc");
const { join, tell } = require("./bridge");

const [protocol] = process.argv.slice(2);
const server = new RPCServer({ protocols: [protocol], strictMode: true });
server.on("client", (client) => {
    join(client);
    tell({ ready: client.protocol });
});
server.listen(0, "127.0.0.1").then((http) => tell({ port: http.address().port }));
