// One end of an ocpp-rpc link, in strict mode, as the test that started this process sees it.
"use strict";

const { createRPCError } = require("ocpp-rpc");
const { ask, listen, tell } = require("./lines");

function violation(error, action, payload) {
    tell({ violation: error.message, action, payload });
}

/** client: an RPCClient, or the server's end of one. */
function join(client) {
    client.handle(async ({ method, params }) => {
        const answer = await ask(method, params);
        if (answer.refuse !== undefined) throw createRPCError(answer.refuse);
        return answer.payload;
    });
    client.on("strictValidationFailure", ({ error, method, params, result }) => {
        violation(error, method, result ?? params);
    });
    client.on("badMessage", ({ error, buffer }) => violation(error, "", buffer.toString()));
    listen((action, payload) => client.call(action, payload), (error) => (
        { code: error.rpcErrorCode ?? error.name, description: error.message }
    ));
}

module.exports = { join, tell };
