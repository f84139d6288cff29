/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOKEN_PKCS11_H
#define DG_TOKEN_PKCS11_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"

/* P-256 keys of a PKCS#11 token, made in it, private and not extractable.  The
 * token is named by an RFC 7512 URI with module-path and token; a PIN in the
 * URI itself is refused, because others can read command lines.  One token in
 * a process, one caller at a time. */
#define DG_PKCS11_WHY_MAX  256U
#define DG_PKCS11_ID_SIZE  16U
#define DG_PKCS11_NAME_MAX 64U
#define DG_PKCS11_URI_MAX  1024U

/**
 * Load the library, find the token and log in.
 *
 * @param      uri       "pkcs11:...", at most DG_PKCS11_URI_MAX - 1 bytes.
 * @param      pin_file  First line is the PIN; a file that is ours alone.
 *                       NULL: the URI's pin-source.
 * @param      may_ask   Without either, ask a person at the terminal.
 * @param[out] why       One sentence, unless DG_OK.
 *
 * @retval DG_OK      Logged in.
 * @retval DG_E_PORT  Not.
 */
DG_NODISCARD enum dg_status dg_pkcs11_open(const char *uri,
                                           const char *pin_file,
                                           bool may_ask,
                                           char why[DG_PKCS11_WHY_MAX]);

/** Log out; nothing happens when nothing is open. */
void dg_pkcs11_close(void);

/** What was opened, for functions of PKCS#11 itself. */
CK_FUNCTION_LIST_PTR dg_pkcs11_module(void);
CK_SESSION_HANDLE dg_pkcs11_session(void);

/** Find one half of a key that dg_pkcs11_make() made. */
bool dg_pkcs11_find(CK_OBJECT_CLASS kind,
                    const uint8_t id[DG_PKCS11_ID_SIZE],
                    CK_OBJECT_HANDLE *object);

/**
 * Make a key for one use.
 *
 * @param      label  At most DG_PKCS11_NAME_MAX bytes.
 * @param[out] id     16 random bytes by which it is found again.
 *
 * @retval DG_OK, DG_E_PORT (the token failed; nothing is left in it).
 */
DG_NODISCARD enum dg_status dg_pkcs11_make(const char *label,
                                           bool signs,
                                           bool agrees,
                                           uint8_t id[DG_PKCS11_ID_SIZE],
                                           struct dg_public_key *public_key);

/** Remove both halves.  DG_E_PORT: one of them is still there. */
DG_NODISCARD enum dg_status dg_pkcs11_destroy(
    const uint8_t id[DG_PKCS11_ID_SIZE]);

/** Sign a hash.  DG_E_PORT: the token would not. */
DG_NODISCARD enum dg_status dg_pkcs11_sign(CK_OBJECT_HANDLE key,
                                           const struct dg_hash *hash,
                                           struct dg_signature *signature);

/**
 * The signing key that the URI names (object or id); made when it names an
 * object that is not there.
 *
 * @retval DG_OK      @p key signs, @p public_key is its other half.
 * @retval DG_E_PORT  None, more than one, not P-256, or the token failed.
 */
DG_NODISCARD enum dg_status dg_pkcs11_named_key(
    CK_OBJECT_HANDLE *key,
    struct dg_public_key *public_key,
    char why[DG_PKCS11_WHY_MAX]);

#endif
