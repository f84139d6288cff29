/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_candidate.h"

#include <string.h>

#include "dosegate/knock.h"
#include "keystore_port.h"

/* A key that no pairing came of, or that a new one replaced, is destroyed. */
void dg_keys_drop_candidate(struct dg_keys *keys)
{
    if ((keys->store != NULL) &&
        (!keys->is_paired || (memcmp(&keys->candidate.private_key,
                                     &keys->phone.private_key,
                                     sizeof(struct dg_secret)) != 0))) {
        dg_keystore_drop_phone_key(keys->store, &keys->candidate);
    }
    keys->candidate = (struct dg_phone){.slot = 0};
}

/* New keys for each pairing: nothing links this phone's devices.  Pairing again
 * with the same pump keeps the key, so that it finds its old place and role
 * instead of taking another. */
enum dg_status dg_keys_choose_key(struct dg_keys *keys,
                                  const struct dg_device_id *device)
{
    struct dg_phone *fresh = &keys->candidate;
    const bool is_known =
        keys->is_paired &&
        (memcmp(&keys->phone.device, device, sizeof(*device)) == 0);
    enum dg_status status = DG_OK;

    dg_keys_drop_candidate(keys);
    if (is_known) {
        *fresh = keys->phone;
    } else if (keys->store != NULL) {
        status = dg_keystore_make_phone_key(keys->store, fresh);
    } else {
        status = keys->crypto->p256_generate(
            keys->crypto->context, &fresh->private_key, &fresh->public_key);
    }
    fresh->device = *device;
    fresh->method = DG_METHOD_STATIC;
    keys->request.key = fresh->public_key;
    return status;
}

enum dg_status dg_keys_know_device(struct dg_keys *keys,
                                   const struct dg_public_key *device_key)
{
    keys->candidate.device_key = *device_key;
    return dg_knock_key(keys->crypto,
                        &keys->candidate.private_key,
                        device_key,
                        &keys->candidate.knock_key);
}
