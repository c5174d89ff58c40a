// A peer of OCPP 1.6 over SOAP, made by the npm package `soap`:
//
//     node soap.js HOSTED.wsdl STATION PARTNER
//
// hosts the one service on a free port of the loopback and calls the other one as PARTNER?wsdl
// describes it. The package knows nothing of WS-Addressing: its users write those headers themselves,
// as is done here.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const { randomUUID } = require("node:crypto");
const soap = require("soap");
const { ask, listen, tell } = require("./lines");
const { fault, plain, refusal } = require("./payload");

const [hosted, station, partner] = process.argv.slice(2);
const ADDRESSING = "http://www.w3.org/2005/08/addressing";

function block(name, text) {
    return `<wsa:${name} xmlns:wsa="${ADDRESSING}">${text}</wsa:${name}>`;
}

function address(name, url) {
    return block(name, `<wsa:Address>${url}</wsa:Address>`);
}

function operation(action) {
    return async (args) => {
        const answer = await ask(action, plain(args ?? {}, action));
        if (answer.refuse !== undefined) throw fault(answer.refuse);
        return answer.payload;
    };
}

/** The one port of the one service that a description has. */
function portOf(wsdl) {
    const [[service, { ports }]] = Object.entries(wsdl.definitions.services);
    const [[port, { binding }]] = Object.entries(ports);
    return { service, port, names: Object.keys(binding.methods) };
}

/** Host the service; where it is. */
async function serve() {
    const { wsdl } = await soap.createClientAsync(hosted, { disableCache: true });
    const { service, port, names } = portOf(wsdl);
    const operations = Object.fromEntries(names.map((name) => [name, operation(name)]));
    const server = http.createServer();
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const listening = soap.listen(server, {
        path: "/ocpp", xml: fs.readFileSync(hosted, "utf8"), forceSoap12Headers: true,
        services: { [service]: { [port]: operations } },
    });
    listening.addSoapHeader((action, _args, headers) => [
        block("Action", `/${action}Response`),
        block("MessageID", `urn:uuid:${randomUUID()}`),
        block("RelatesTo", headers?.MessageID ?? ""),
    ].join(""));
    return `http://127.0.0.1:${server.address().port}/ocpp`;
}

/** A client of the other service, which may come up after this process. */
async function described() {
    return soap.createClientAsync(`${partner}?wsdl`, {
        forceSoap12Headers: true, disableCache: true,
    });
}

async function main() {
    const url = await serve();
    let client;
    listen(async (action, payload) => {
        client ??= await described();
        client.clearSoapHeaders();
        const namespace = client.wsdl.definitions.$targetNamespace;
        client.addSoapHeader([
            `<o:chargeBoxIdentity xmlns:o="${namespace}">${station}</o:chargeBoxIdentity>`,
            block("Action", `/${action}`),
            block("MessageID", `urn:uuid:${randomUUID()}`),
            address("From", url),
            address("ReplyTo", `${ADDRESSING}/anonymous`),
            block("To", partner),
        ].join(""));
        const [result] = await client[`${action}Async`](payload);
        return plain(result ?? {}, action);
    }, refusal);
    tell({ url });
}

main();
