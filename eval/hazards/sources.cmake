# SPDX-License-Identifier: Apache-2.0
# One file a test, as eval/attacks/table.c lists them.
set(DG_HAZARDS
    hazards/alarm_at_the_device.c
    hazards/app_comes_back.c
    hazards/clock_falls_back.c
    hazards/energy_share.c
    hazards/every_command.c
    hazards/factory_state.c
    hazards/faulty_plumbing.c
    hazards/interval_by_label.c
    hazards/limit_each_command.c
    hazards/phone_wiped.c
    hazards/power_each_pulse.c
    hazards/raised_rate.c
    hazards/said_and_moved.c
    hazards/same_second.c
    hazards/shown_is_given.c
    hazards/two_hormones.c
    hazards/typed_amount.c
    hazards/withheld.c
    hazards/without_the_phone.c)
