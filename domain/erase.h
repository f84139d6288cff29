/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ERASE_H
#define DG_ERASE_H

#include <stdbool.h>

#include "dosegate/crypto.h"

/**
 * Make this phone forget its pump: destroy every key where it is kept, then
 * overwrite and remove what lay sealed under them, the logs and the sockets.
 * Says on stderr what it could not do.  The pump is not told: that is for a
 * person, who is told so by the caller.
 *
 * @param dir            State directory, ours alone; no domain runs in it.
 * @param keys,presence  As --keys and --presence-keys.
 *
 * @return false: something is left.
 * @satisfies{FDP_ERASE.1@1}
 */
bool dg_erase(const struct dg_crypto *crypto,
              const char *dir,
              const char *keys,
              const char *presence);

#endif
