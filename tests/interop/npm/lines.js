// Joins a peer to the test that started this process: JSON, one object a line.
//
//     from the test          {call: ID, action, payload}          the peer makes a call
//                            {answer: ID, payload}                what a call to it is answered with
//                            {answer: ID, refuse: CODE}           or that it is not
//     to the test            {result: ID, payload}                a call of the peer was answered
//                            {error: ID, code, description}       or not: by whom, code says
//                            {asked: ID, action, payload}         the peer is called
//                            {violation: TEXT, action, payload}   strict mode or framing says no
//                            {port}, {url}                        where it listens
//                            {ready}                              the link is there
//
// The process ends when its standard input does.
"use strict";

const readline = require("node:readline");

const commands = readline.createInterface({ input: process.stdin });
const waiting = new Map();
let asked = 0;
commands.on("close", () => process.exit(0));

function tell(line) {
    process.stdout.write(JSON.stringify(line) + "\n");
}

/** The peer is called: a promise of {payload} or {refuse}. */
function ask(action, payload) {
    asked += 1;
    tell({ asked, action, payload });
    return new Promise((answer) => waiting.set(asked, answer));
}

/** call: makes a call, a promise of the answer; what it throws is told as refusal says. */
function listen(call, refusal) {
    commands.on("line", async (text) => {
        const line = JSON.parse(text);
        if (line.answer !== undefined) {
            waiting.get(line.answer)(line);
            waiting.delete(line.answer);
            return;
        }
        try {
            tell({ result: line.call, payload: await call(line.action, line.payload) });
        } catch (error) {
            tell({ error: line.call, ...refusal(error) });
        }
    });
}

module.exports = { ask, listen, tell };
