// What the npm package `soap` makes of a body, as the JSON payload of the same message.
"use strict";

// Elements that may come more than once: the package gives a single one as itself.
const LISTS = new Set([
    "meterValue", "sampledValue", "transactionData", "configurationKey", "unknownKey",
    "localAuthorizationList", "chargingSchedulePeriod",
]);
// Numbers of a derived type: the package gives them as text.
const DECIMALS = new Set(["limit", "minChargingRate"]);

/** As JSON has it: lists where lists may be, times as text. parent: the action, or what holds it. */
function plain(value, parent) {
    if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
    if (Array.isArray(value)) return value.map((item) => plain(item, parent));
    if (value === null || typeof value !== "object") return value;
    const found = {};
    for (const [name, inner] of Object.entries(value)) {
        if (name === "attributes") continue;
        const item = plain(inner, name);
        const many = LISTS.has(name) || (name === "key" && parent === "GetConfiguration");
        if (many && !Array.isArray(item)) found[name] = [item];
        else found[name] = DECIMALS.has(name) ? Number(item) : item;
    }
    return found;
}

/** What the package's services throw or answer to refuse a call. */
function fault(code) {
    return { Fault: {
        Code: { Value: "soap:Receiver", Subcode: { Value: code } },
        Reason: { Text: "refused" },
        statusCode: 500,
    } };
}

/** The code and the text of an error that a client of the package gives. */
function refusal(error) {
    const code = error.root?.Envelope?.Body?.Fault?.Code?.Subcode?.Value ?? "";
    const text = (typeof code === "string" ? code : code.$value ?? "").split(":").pop();
    return { code: text || "none", description: error.message };
}

module.exports = { fault, plain, refusal };
