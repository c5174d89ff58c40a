"""Procedures: how messages answer messages, one small generator per choreography.

A map names its procedure; this is the table of names. Adding a choreography: one file here and
one line below.
"""

from collections.abc import Callable, Hashable

from gateway.core.dialects import Version
from gateway.core.session import charging_profiles
from gateway.core.session.desk import Desk
from gateway.core.session.entries import EntryKinds
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import (
    answer,
    authorize,
    availability,
    certificates,
    choose,
    clear_charging_profile,
    composite_schedule,
    configuration_inventory,
    configuration_read,
    configuration_report,
    configuration_settings,
    configuration_variables,
    configuration_write,
    cost_to_station,
    data_transfer,
    get_charging_profiles,
    job,
    job_status,
    local_list,
    meter_to_v16,
    notified_events,
    register,
    relay,
    remote_start,
    remote_stop,
    reservation,
    reset,
    same,
    security_message,
    set_charging_profile,
    status_to_v16,
    status_to_v201,
    transaction_refused,
    transaction_status,
    transaction_to_v16,
    transaction_to_v201,
    trigger,
    tunnel,
    unlock,
    vendor_data,
)
from gateway.core.session.procedures.counted import counted
from gateway.core.session.requests import Procedure

PROCEDURES: dict[str, Callable[[Exchange], Procedure]] = {
    "answer": answer.answer,
    "authorize": authorize.authorize,
    "base_report": configuration_inventory.base_report,
    "cancel_reservation": reservation.cancel_reservation,
    "change_availability": availability.change_availability,
    "change_configuration": configuration_write.change_configuration,
    "choose": counted(choose.choose),
    "clear_charging_profile": clear_charging_profile.clear_charging_profile,
    "composite_schedule": composite_schedule.composite_schedule,
    "cost_updated": cost_to_station.cost_updated,
    "data_transfer": data_transfer.data_transfer,
    "delete_certificate": counted(certificates.delete_certificate),
    "forget": answer.forget,
    "get_charging_profiles": get_charging_profiles.get_charging_profiles,
    "get_configuration": configuration_read.get_configuration,
    "get_report": configuration_inventory.get_report,
    "get_variables": configuration_variables.get_variables,
    "installed_certificates": counted(certificates.installed_certificates),
    "job": job.job,
    "job_status": job_status.job_status,
    "local_list_version": local_list.local_list_version,
    "meter_to_v16": meter_to_v16.meter_to_v16,
    "notified_events": notified_events.notified_events,
    "register": register.register,
    "relay": relay.relay,
    "remote_start": remote_start.remote_start,
    "remote_stop": remote_stop.remote_stop,
    "report_part": configuration_report.report_part,
    "reservation_ended": reservation.reservation_ended,
    "reserve": reservation.reserve,
    "reset": reset.reset,
    "same": same.same,
    "same_boot": same.same_boot,
    "same_data": vendor_data.same_data,
    "same_setting": same.same_setting,
    "security_message": security_message.security_message,
    "send_local_list": local_list.send_local_list,
    "set_charging_profile": set_charging_profile.set_charging_profile,
    "set_variables": configuration_settings.set_variables,
    "status_to_v16": status_to_v16.status_to_v16,
    "status_to_v201": status_to_v201.status_to_v201,
    "transaction_meter": transaction_to_v201.transaction_meter,
    "transaction_start": transaction_to_v201.transaction_start,
    "transaction_status": transaction_status.transaction_status,
    "transaction_stop": transaction_to_v201.transaction_stop,
    "transaction_to_v16": transaction_to_v16.transaction_to_v16,
    "trigger": trigger.trigger,
    "unlock": unlock.unlock,
}

ENTRY_KINDS: EntryKinds = {**transaction_to_v16.ENTRY_KINDS, **transaction_to_v201.ENTRY_KINDS}


def csms_up(desk: Desk) -> None:
    """The CSMS leg is open: what must be said anew on a new link is queued."""
    tunnel.csms_up(desk)
    if desk.bindings.version is Version.V201:
        status_to_v16.csms_up(desk)
    else:
        status_to_v201.csms_up(desk)
    transaction_refused.resume_stops(desk)


def station_up(desk: Desk) -> None:
    """The station is there, for the first time or again: what waited for it is looked after."""
    reset.resume(desk)


def station_heard(desk: Desk) -> None:
    """A station without a connection shows that it is there: what did not reach it goes again."""
    transaction_refused.resume_stops(desk)


def published(desk: Desk, topic: Hashable) -> None:
    """Choreographies that outlive their exchange look at what was published."""
    if isinstance(topic, tuple) and topic[0] == "closed":
        reset.release(desk)
        charging_profiles.settle(desk.bindings)
