/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <stddef.h>

/* CONFIRM means one thing at a time: whatever asks a person at the device has
 * a row here, begins to wait only while nothing else does, and a press answers
 * what waits, never what comes next. */

static bool is_dose_waiting(const struct dg_device *device)
{
    return device->delivery.state == DG_DELIVERY_WAITING;
}

static const struct {
    bool (*is_waiting)(const struct dg_device *device);
    enum dg_status (*press)(struct dg_device *device);
} questions[] = {
    {dg_glucagon_is_waiting, dg_glucagon_press},
    {is_dose_waiting, dg_delivery_press},
    {dg_update_is_waiting, dg_update_press},
    {dg_loosen_is_waiting, dg_loosen_press},
};

#define QUESTIONS (sizeof questions / sizeof questions[0])

bool dg_confirm_is_taken(const struct dg_device *device)
{
    /* Which phone to forget is a question as well, with a button of its own. */
    bool taken = dg_forget_is_open(device);

    for (size_t i = 0U; i < QUESTIONS; i++) {
        taken = taken || questions[i].is_waiting(device);
    }
    return taken;
}

/* @satisfies{FDP_DOSE.11@1} */
enum dg_status dg_confirm_press(struct dg_device *device)
{
    for (size_t i = 0U; i < QUESTIONS; i++) {
        if (questions[i].is_waiting(device)) {
            return questions[i].press(device);
        }
    }
    return DG_E_STATE;
}
