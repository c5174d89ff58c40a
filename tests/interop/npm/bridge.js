// Joins one end of an ocpp-rpc link to the test that started this process: JSON, one object a line.
//
//     from the test          {call: ID, action, payload}          the peer makes a call
//                            {answer: ID, payload}                what a call to it is answered with
//                            {answer: ID, refuse: CODE}           or that it is not
//     to the test            {result: ID, payload}                a call of the peer was answered
//                            {error: ID, code, description}       or not: by whom, code says
//                            {asked: ID, action, payload}         the peer is called
//                            {violation: TEXT, action, payload}   strict mode or framing says no
//
// The process ends when its standard input does.
"use strict";

const readline = require("node:readline");
const { createRPCError } = require("ocpp-rpc");

const commands = readline.createInterface({ input: process.stdin });
commands.on("close", () => process.exit(0));

function tell(line) {
    process.stdout.write(JSON.stringify(line) + "\n");
}

function violation(error, action, payload) {
    tell({ violation: error.message, action, payload });
}

/** client: an RPCClient, or the server's end of one, in strict mode. */
function join(client) {
    const waiting = new Map();
    let asked = 0;

    client.handle(({ method, params }) => new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, (line) => {
            if (line.refuse === undefined) resolve(line.payload);
            else reject(createRPCError(line.refuse));
        });
        tell({ asked, action: method, payload: params });
    }));
    client.on("strictValidationFailure", ({ error, method, params, result }) => {
        violation(error, method, result ?? params);
    });
    client.on("badMessage", ({ error, buffer }) => violation(error, "", buffer.toString()));
    commands.on("line", async (text) => {
        const line = JSON.parse(text);
        if (line.answer !== undefined) {
            waiting.get(line.answer)(line);
            waiting.delete(line.answer);
            return;
        }
        try {
            tell({ result: line.call, payload: await client.call(line.action, line.payload) });
        } catch (error) {
            const code = error.rpcErrorCode ?? error.name;
            tell({ error: line.call, code, description: error.message });
        }
    });
}

module.exports = { join, tell };
