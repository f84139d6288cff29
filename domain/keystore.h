/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KEYSTORE_H
#define DG_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Private keys of the phone: made in a place, used in that place and destroyed
 * there.  Which place is a row of a table: a TPM 2.0, a PKCS#11 token, or, where
 * there is neither, files of this process, which is weak and says so.  What a
 * place wants back to find its key again is a blob that this module keeps in
 * one private file for each key ("key-NAME").
 *
 * TPM and token are reached through a program of its own, dosegate-token, that
 * the supervisor starts (token_start.h): no vendor's library shares memory with
 * a role, and a role gets no new right but one more socket. */
#define DG_KEYSTORE_BLOB_MAX  400U
#define DG_KEYSTORE_NAME_MAX  15U
#define DG_KEYSTORE_WHERE_MAX 256U
#define DG_KEYSTORE_WHY_MAX   256U

enum dg_key_use {
    DG_KEY_NONE = 0,
    DG_KEY_AGREE = 1, /* ECDH on P-256, and nothing else */
    DG_KEY_SIGN = 2,  /* ES256, and nothing else         */
};

/* What a place gave to find its key again; of the file, the key itself. */
struct dg_key_blob {
    uint16_t size; /* 0 .. DG_KEYSTORE_BLOB_MAX */
    uint8_t byte[DG_KEYSTORE_BLOB_MAX];
};

struct dg_key {
    char name[DG_KEYSTORE_NAME_MAX + 1U]; /* a-z, 0-9, -; "" is no key */
    enum dg_key_use use;
    struct dg_public_key public_key;
    struct dg_key_blob blob;
};

struct dg_keystore;

/* One kind of place.  DG_OK, or DG_E_PORT when it failed; what else a function
 * gives is in the comment of its caller below. */
struct dg_keystore_row {
    const char *scheme; /* before the colon in --keys */
    const char *about;  /* for people                 */
    bool is_weak;       /* keys can be copied off it  */
    enum dg_status (*open)(struct dg_keystore *store,
                           const char *where,
                           char why[DG_KEYSTORE_WHY_MAX]);
    enum dg_status (*make)(struct dg_keystore *store,
                           enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob);
    enum dg_status (*agree)(struct dg_keystore *store,
                            const struct dg_key_blob *blob,
                            const uint8_t peer_x[DG_P256_SIZE],
                            struct dg_secret *shared);
    enum dg_status (*sign)(struct dg_keystore *store,
                           const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature);
    enum dg_status (*destroy)(struct dg_keystore *store,
                              const struct dg_key_blob *blob);
    enum dg_status (*count)(struct dg_keystore *store,
                            bool bump,
                            uint64_t *value); /* NULL: it cannot */
};

struct dg_keystore {
    const struct dg_keystore_row *row;
    const struct dg_crypto *crypto;
    int directory; /* private; of the key files */
    int token;     /* socket to dosegate-token, -1: none */
    bool counts;   /* has a counter that nobody can set back */
};

/** The row of "file", "tpm:..." or "pkcs11:..."; NULL when there is none. */
const struct dg_keystore_row *dg_keystore_row_of(const char *where);

/**
 * Open a place; before the role is confined.
 *
 * @param      where      "file", "tpm:TCTI" or "pkcs11:URI".
 * @param      directory  A private directory, opened; stays the caller's.
 * @param      token      Socket to dosegate-token, -1 for a file.
 * @param[out] why        What to do about a refusal; set unless DG_OK.
 *
 * @retval DG_OK       Ready.
 * @retval DG_E_RANGE  No such kind of place, or too long a name.
 * @retval DG_E_PORT   It does not answer.
 */
DG_NODISCARD enum dg_status dg_keystore_open(struct dg_keystore *store,
                                             const struct dg_crypto *crypto,
                                             const char *where,
                                             int directory,
                                             int token,
                                             char why[DG_KEYSTORE_WHY_MAX]);

/** Let go of it; its keys stay. */
void dg_keystore_close(struct dg_keystore *store);

/**
 * Make a key and its file; a key of that name before is destroyed.
 *
 * @retval DG_OK       @p key is filled, and on storage.
 * @retval DG_E_USAGE  A NULL, or no such name or use.
 * @retval DG_E_PORT   The place or the storage failed.
 */
DG_NODISCARD enum dg_status dg_keystore_make(struct dg_keystore *store,
                                             const char *name,
                                             enum dg_key_use use,
                                             struct dg_key *key);

/**
 * Find a key again.
 *
 * @retval DG_OK         @p key is filled; else it is untouched.
 * @retval DG_E_STATE    There is none of that name.
 * @retval DG_E_AUTH     Its file is not ours alone.
 * @retval DG_E_CORRUPT  Its file is damaged, or was made by another kind of
 *                       place or for another use.
 * @retval DG_E_USAGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_keystore_load(struct dg_keystore *store,
                                             const char *name,
                                             enum dg_key_use use,
                                             struct dg_key *key);

/**
 * ECDH with a point given by its abscissa.
 *
 * @retval DG_OK       @p shared is the x coordinate.
 * @retval DG_E_RANGE  @p peer_x is no point of the curve.
 * @retval DG_E_USAGE  A NULL, or a key for another use.
 * @retval DG_E_PORT   The place failed.
 */
DG_NODISCARD enum dg_status dg_keystore_agree(
    struct dg_keystore *store,
    const struct dg_key *key,
    const uint8_t peer_x[DG_P256_SIZE],
    struct dg_secret *shared);

/** ES256 over a SHA-256.
 * @retval DG_OK, DG_E_USAGE (a NULL, or a key for another use), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_keystore_sign(struct dg_keystore *store,
                                             const struct dg_key *key,
                                             const struct dg_hash *hash,
                                             struct dg_signature *signature);

/** Destroy a key where it is, overwrite its file and remove it; @p key is
 * cleared.
 * @retval DG_OK, DG_E_USAGE, DG_E_PORT (what could be removed is gone). */
DG_NODISCARD enum dg_status dg_keystore_destroy(struct dg_keystore *store,
                                                struct dg_key *key);

/**
 * A counter that only rises, also when all files of this phone are put back to
 * what they were.
 *
 * @param bump  Raise it by one first.
 *
 * @retval DG_OK       @p value is what it is now.
 * @retval DG_E_STATE  This place has none.
 * @retval DG_E_USAGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_keystore_count(struct dg_keystore *store,
                                              bool bump,
                                              uint64_t *value);

#endif
