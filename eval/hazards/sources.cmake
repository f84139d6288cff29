# SPDX-License-Identifier: Apache-2.0
# One file a test, as eval/attacks/table.c lists them.
set(DG_HAZARDS
    hazards/alarm_at_the_device.c
    hazards/interval_by_label.c
    hazards/raised_rate.c)
