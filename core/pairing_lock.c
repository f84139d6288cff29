/* SPDX-License-Identifier: Apache-2.0 */
#include "pairing_lock.h"

#define WAIT_FIRST_S 60U

_Static_assert(DG_PAIRING_LOCKS_MAX < 8U, "the wait doubles so often");

/* 60, 120, 240, 480 s. */
static uint32_t wait_s(unsigned locks)
{
    return WAIT_FIRST_S << locks;
}

bool dg_pairing_lock_is_spent(const struct dg_device *device)
{
    return device->settings.lock.tries >= DG_PAIRING_TRIES;
}

/* @satisfies{FIA_AFL.1@1} */
enum dg_status dg_pairing_lock_count(struct dg_device *device)
{
    struct dg_pairing_lock *lock = &device->settings.lock;
    const struct dg_pairing_lock before = *lock;

    if (dg_pairing_lock_is_spent(device)) {
        return DG_E_STATE;
    }
    lock->tries++;
    if (lock->tries == DG_PAIRING_TRIES) {
        lock->until.s = device->now.s + wait_s(lock->locks);
        if (lock->locks < DG_PAIRING_LOCKS_MAX) {
            lock->locks++;
        }
    }

    const enum dg_status status =
        dg_settings_save(device->ports->flash, &device->settings);

    if (status != DG_OK) {
        *lock = before;
    }
    return status;
}

/* The freed tries need no write: the next one that is counted writes them. */
bool dg_pairing_lock_is_free(struct dg_device *device)
{
    struct dg_pairing_lock *lock = &device->settings.lock;

    if (!dg_pairing_lock_is_spent(device)) {
        return true;
    }
    if (device->now.s < lock->until.s) {
        return false;
    }
    lock->tries = 0U;
    return true;
}

void dg_pairing_lock_boot(struct dg_device *device)
{
    struct dg_pairing_lock *lock = &device->settings.lock;
    const uint32_t most_s = wait_s(DG_PAIRING_LOCKS_MAX);

    if ((lock->until.s > device->now.s) &&
        ((lock->until.s - device->now.s) > most_s)) {
        lock->until.s = device->now.s + most_s;
    }
}
