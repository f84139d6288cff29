/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KEYSTORE_PORT_H
#define DG_KEYSTORE_PORT_H

#include "dosegate/controller.h"
#include "dosegate/crypto.h"
#include "keystore.h"

/* Where the core expects a private key of 32 bytes, the phone puts a reference:
 * 16 fixed bytes and the name of a key in its keystore.  A crypto port that
 * knows the keystore uses that key; all else goes to the port below.  So the
 * core handshakes with keys that it never sees. */

/** Write the reference to a key. */
void dg_keystore_refer(const char *name, struct dg_secret *reference);

/** Name of the key that @p secret refers to, DG_KEYSTORE_NAME_MAX + 1 bytes, or
 * false: it is a key itself.  Takes as long for any secret. */
bool dg_keystore_referred(const struct dg_secret *secret,
                          char name[DG_KEYSTORE_NAME_MAX + 1U]);

/**
 * Put the keystore in front of a port: p256_ecdh and es256_sign with a
 * reference go there.  One for a process.
 *
 * @param      below   The port for all the rest; lives as long.
 * @param[out] crypto  The same port with these two replaced.
 */
void dg_keystore_port(struct dg_keystore *store,
                      const struct dg_crypto *below,
                      struct dg_crypto *crypto);

/** Make a key that the phone agrees with, under a fresh name, and refer to it
 * in @p phone.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_keystore_make_phone_key(
    struct dg_keystore *store, struct dg_phone *phone);

/** Destroy the key that @p phone refers to; none at all is well, too. */
void dg_keystore_drop_phone_key(struct dg_keystore *store,
                                const struct dg_phone *phone);

#endif
