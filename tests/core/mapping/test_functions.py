"""Conversions do what their examples say, and undo each other."""

import pytest

from gateway.core.dialects import Version
from gateway.core.mapping.functions import Conversion, Example, Step
from gateway.core.mapping.waycode import CONVERSIONS

STEPS = [
    (f"{conversion.name} to {version.key}", step)
    for conversion in CONVERSIONS.values()
    for version, step in conversion.to.items()
]
EXAMPLES = [
    pytest.param(step, example, id=f"{name} {number}")
    for name, step in STEPS
    for number, example in enumerate(step.examples)
]


class Station:
    """EVSE n is connector n; tokens are spelled alike; transaction 10 runs on EVSE 1."""

    def __init__(self) -> None:
        from gateway.core.settings import Translation

        self.settings = Translation()
        self.now_text = "2025-01-01T00:00:00Z"

    def tag(self, id_token: str, token_type: str) -> str:
        return id_token

    def untag(self, id_tag: str) -> tuple[str, str]:
        return id_tag, self.settings.id_token.default_type

    def connector16(self, evse_id: int, connector_id: int | None) -> int:
        return evse_id

    def evse201(self, connector16: int) -> tuple[int, int]:
        return (connector16, 1) if connector16 else (0, 0)

    def transaction16(self, evse_id: int) -> int | None:
        return 10 if evse_id == 1 else None


def called(step: Step, example: Example):
    arguments = [Station()] if step.context else []
    arguments += example.inputs
    if step.limit:
        arguments.append(example.limit)
    return step.call(*arguments)


@pytest.mark.parametrize(("step", "example"), EXAMPLES)
def test_an_example_comes_out_as_it_says(step, example):
    assert called(step, example) == example.output


@pytest.mark.parametrize(("step", "example"), EXAMPLES)
def test_an_example_has_the_shape_that_the_step_declares(step, example):
    assert len(example.inputs) == len(step.takes)
    if example.output is None:
        assert step.fails
        return
    outputs = example.output if isinstance(example.output, tuple) else (example.output,)
    assert len(outputs) == len(step.gives)
    for value, shape in zip(outputs, step.gives, strict=True):
        types = {"string": str, "integer": int, "number": int | float, "any": object}
        assert shape.absent if value is None else isinstance(value, types[shape.type])
        if shape.max_length is not None and value is not None:
            assert len(value) <= shape.max_length


@pytest.mark.parametrize(("step", "example"), EXAMPLES)
def test_what_the_fast_condition_lets_pass_is_what_the_step_would_give(step, example):
    if step.fast:
        condition = step.fast.format("value", limit=example.limit)
        if eval(condition, {"value": example.inputs[0]}):
            assert called(step, example) == example.inputs[0]


@pytest.mark.parametrize("conversion", CONVERSIONS.values(), ids=lambda c: c.name)
def test_every_conversion_has_a_summary_and_examples(conversion: Conversion):
    assert conversion.summary
    assert conversion.to
    assert all(step.examples for step in conversion.to.values())


def test_towards_16_a_string_is_printable_ascii_of_the_same_length():
    ascii16 = CONVERSIONS["ascii"].to[Version.V16].call
    assert ascii16("a\tb\x7fç€🔌") == "a?b????"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("2025-06-01T08:00:00Z", True),
        ("2025-06-01t08:00:00Z", False),
        ("2025-06-01T08:00:60Z", False),
        ("2025-06-01T08:00:00z", False),
        ("2025-06-01T08:00:00.1Z", False),
    ],
)
def test_only_a_timestamp_in_normal_form_takes_the_fast_way(text, passes):
    condition = CONVERSIONS["timestamp"].to[Version.V16].fast.format("value")
    assert eval(condition, {"value": text}) is passes
