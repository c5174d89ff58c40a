"""What the names in a report mean, in a sentence for people."""

from gateway.core.codec.brackets import CLOSE_BRACKETS
from gateway.core.schema import readings, repair, violations
from gateway.core.session.recorded import Fate
from gateway.logs.rules import RULES

REPAIRS = {
    repair.STRIP_UNKNOWN: "a member that the schema does not have was left out",
    repair.CUT_STRINGS: "a text that is too long was cut to what the schema allows",
    repair.TIMESTAMPS: "a time was rewritten as RFC 3339 with its zone, or left out",
    repair.DROP_NULL: "a member that is null was left out",
    repair.SOAP_VALUES: "an address or a decimal was written as SOAP can carry it",
    repair.SCALAR_TO_LIST: "a single value was made the list that the schema asks for",
    repair.STRING_TO_NUMBER: "a number written as text was made a number",
    repair.NUMBER_TO_STRING: "a text written as a number was made text",
    repair.ENUM_FALLBACK: "an unknown word of a list was replaced by its stand-in",
    readings.CURRENT_MEASURAND: "a current without a measurand was given its own",
    repair.EMPTY_ITEMS: "items of a list in which nothing stands were left out",
    repair.UNSET_CLOCK: "a time before 2000 was left out, or replaced by that of receipt",
    CLOSE_BRACKETS: "the last brackets of a frame were added",
    readings.OWN_MEASURAND: "a measurand of the maker's own was replaced by what it means",
    repair.OWN_VALUE: "a value of the maker's own was replaced by what it means",
    repair.OWN_NAME: "a member under the maker's own name was given the standard's",
    repair.OWN_DEFAULT: "a member that this maker leaves out was put in",
    readings.OWN_SAMPLE: "a reading was labelled as what this maker means by it",
}

FATES = {
    Fate.PASSES: ("translated", "one call becomes one call"),
    Fate.FANS_OUT: ("fanned out", "one call becomes several"),
    Fate.COLLECTS: ("collected", "the answer becomes a call and the parts of a report"),
    Fate.FOLDS: ("folded", "not sent on: it is in the answer to another call"),
    Fate.ANSWERED: ("answered by the gateway", "not sent on: the gateway answers it by itself"),
    Fate.REFUSED: ("refused", "not sent on: the gateway refuses it, and its answer says why"),
}
"""By fate: a word for it, and what it means."""

KEYWORDS = {
    violations.TYPE: "a value of the wrong type",
    violations.ENUM: "a word that is not in the list of the schema",
    violations.FORMAT: "a value in the wrong form, such as a time",
    violations.MAX_LENGTH: "a text that is too long",
    violations.UNKNOWN: "a member that the schema does not have",
    violations.REQUIRED: "a member that is missing",
    violations.MULTIPLE_OF: "a number with too many digits",
    "minItems": "a list that is too short",
    "maxItems": "a list that is too long",
    "minimum": "a number that is too small",
    "maximum": "a number that is too large",
}
"""Rules that are keywords of the schemas."""


def repair_in_words(name: str) -> str:
    """What a repair does; before a point may stand the name of the overlay that asks for it."""
    return REPAIRS.get(name.rpartition(".")[2], "")


def rule_in_words(rule: str) -> str:
    """What a rule is about; "" for a keyword of the schemas that says it by itself."""
    return RULES[rule][1] if rule in RULES else KEYWORDS.get(rule, "")
