// A peer of OCPP 1.6 over SOAP, made of the nodes of the npm package `node-red-contrib-ocpp`:
//
//     node nodered.js csms|station PORT STATION PARTNER
//
// hosts the one service at PORT of the loopback and calls the other one at PARTNER. The nodes run as
// in a flow of Node-RED; of Node-RED itself there is only what they use of it.
"use strict";

const { EventEmitter } = require("node:events");
const soap = require("soap");
const { ask, listen, tell } = require("./lines");
const { fault, plain, refusal } = require("./payload");

const [side, port, station, partner] = process.argv.slice(2);
const MADE_OF = {
    csms: { server: "CS server", client: "CS request SOAP" },
    station: { server: "CP server SOAP", client: "CP Request SOAP" },
}[side];
const url = `http://127.0.0.1:${port}/ocpp`;

class Node extends EventEmitter {
    status() {}

    log() {}

    error() {}

    /** To whatever the flow joins this node with. */
    send(message) {
        this.emit("sent", message);
    }
}

const types = {};
const settings = { remote: { cbId: station, url: partner, ocppver: "1.6" } };
const RED = {
    nodes: {
        createNode: (node) => EventEmitter.call(node),
        getNode: (id) => settings[id],
        registerType(name, type) {
            Object.setPrototypeOf(type.prototype, Node.prototype);
            types[name] = type;
        },
    },
    util: { evaluateNodeProperty: (value) => value },
};
for (const file of ["server", "req", "cp-req"]) {
    require(`node-red-contrib-ocpp/ocpp/ocpp-${file}`)(RED);
}

function serve() {
    const server = new types[MADE_OF.server]({
        // The charge point's node reads its port under a misspelt name.
        port, prot: port, portType: "num", path16: "/ocpp", enabled16: true,
    });
    const response = new types["server response"]({});
    server.on("sent", async ({ msgId, payload: { command, data } }) => {
        const answer = await ask(command, plain(data ?? {}, command));
        const payload = answer.refuse === undefined ? answer.payload : fault(answer.refuse);
        response.emit("input", { msgId, ocpp: { command }, payload });
    });
}

/** Resolves to the answer, or throws. */
function call(command, data) {
    const client = new types[MADE_OF.client]({
        name: station, ocppver: "1.6", remotecb: "remote", remotecs: "remote",
    });
    return new Promise((resolve, reject) => {
        client.on("sent", ({ payload }) => {
            if (payload instanceof Error) reject(payload);
            else resolve(plain(payload.data ?? {}, command));
        });
        client.emit("input", { payload: { command, data } });
    });
}

// The nodes do not say when they listen: they have the package host the service once they do.
const host = soap.listen;
soap.listen = (...services) => {
    tell({ url });
    return host(...services);
};
serve();
listen(call, refusal);
