"""OCPP 1.6 SOAP: HTTP bodies to the payloads of 1.6 JSON, and back.

How the faces use it
--------------------
The core stays what it is: a session sees frames, never envelopes. A face (io/station_soap.py,
io/csms_soap.py) holds the HTTP exchange and does this:

* A request comes in: `soap.read.call(service, body, content_type, settings)` gives a `Reading`. Its
  action and payload make the `Call` that the session receives as an already decoded frame; its
  head tells the station's identity, its From address and its MessageID. Where `answer` is set,
  nothing goes to the session: the answer is sent at once. `SoapRefused` says which fault to answer.
* The session's answer goes out through the request's reply handle: `soap.write.answer` for a
  CallResult, `soap.write.fault` with `fault_of_error` for a CallError, both with
  `letter_to(reading.head, ...)`. For `NoAnswer` the face answers 503 without a body.
* The session calls: `soap.write.call(service, action, payload, letter)` is posted; what comes
  back is read with `soap.read.answer` and enters the session as a CallResult, or, for a Reading
  with a fault, as a CallError with `error_of_fault`, `description` and `details` of soap_fault.
  `SoapRefused` (a body that is no SOAP) and a network failure enter as InternalError, or as no
  answer at all where soap.md 6 says so.
* SOAP on both sides: `soap.write.relay(reading, letter)` keeps the body and makes new headers.

What is written can fail for a payload: PayloadInvalid carries the CALLERROR code for whoever sent
it. Integers beyond 32 bits are the leg's capability (`Leg.integer_bits`): the session gives a
transaction another number before it comes here. Messages of the security extension do not exist
here (`actions`); whether they are absorbed or refused is the session's decision, too.

Cost: everything is compiled once by `Soap.load`; reading and writing run inline in the event
loop. A Soap is for one thread. Design: soap.md; the data are in schemas/soap/ and xslt/.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.codec.soap_data import SoapFiles, read_differences
from gateway.core.codec.soap_parse import XmlLimits
from gateway.core.codec.soap_read import SoapReader
from gateway.core.codec.soap_service import REQUEST, Service, action_of
from gateway.core.codec.soap_shape import Description
from gateway.core.codec.soap_sheets import Part, SheetProblems, distinct, load_sheets
from gateway.core.codec.soap_trial import Trial
from gateway.core.codec.soap_write import SoapWriter

_LIMITS = XmlLimits()
_OUTPUT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Soap:
    """Both directions of both services, and what describes them."""

    read: SoapReader
    write: SoapWriter
    descriptions: Mapping[Service, Description]

    @classmethod
    def load(
        cls,
        files: SoapFiles,
        overlays: tuple[Mapping[str, Part], ...] = (),
        parameters: Mapping[str, str] | None = None,
        limits: XmlLimits = _LIMITS,
        most_output: int = _OUTPUT_BYTES,
    ) -> "Soap":
        """Compile everything and try every sheet, an operator's with every message.

        overlays: an operator's stylesheets by file name, later ones win; parameters: values of
        the parameters that stylesheets declare. Raises SheetProblems, MappingError, ConfigError
        (the operator's fault), with file and line: what `ocpp-gateway check` prints.
        """
        differences = read_differences(files.differences)
        descriptions = {
            service: Description(service, part.path, part.text)
            for service, part in files.descriptions.items()
        }
        sheets = load_sheets(files.sheets, overlays, parameters or {}, most_output)
        read = SoapReader(descriptions, sheets, differences, limits)
        write = SoapWriter(descriptions, sheets, differences, most_output, any(overlays))
        trial = Trial(descriptions, sheets, read, write)
        wrong = [*trial.outlines(), *(trial.messages() if any(overlays) or files.foreign else ())]
        if wrong:
            raise SheetProblems(distinct(wrong))
        return cls(read, write, descriptions)

    def actions(self, service: Service) -> frozenset[str]:
        """What can be called on a service."""
        shapes = self.descriptions[service].shapes
        return frozenset(action_of(name) for name in shapes if name.endswith(REQUEST))

    def wsdl(self, service: Service, address: str) -> bytes:
        """Our own description of a service that is found at that address."""
        return self.descriptions[service].at(address)
