// A charging station: node station.js ENDPOINT IDENTITY SUBPROTOCOL
"use strict";

const { RPCClient } = require("ocpp-rpc");
const { join, tell } = require("./bridge");

const [endpoint, identity, protocol] = process.argv.slice(2);
const client = new RPCClient({
    endpoint, identity, protocols: [protocol], strictMode: true, reconnect: false,
});
join(client);
client.connect().then(() => tell({ ready: client.protocol }));
