/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_EDHOC_KEYS_H
#define DG_CORE_EDHOC_KEYS_H

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The key schedule of RFC 9528, section 4, for suites 2 and 3: pure functions
 * of their arguments and the crypto port.  Each returns DG_OK, or the port's
 * status with its output wiped; intermediate secrets never stay behind. */

/* Labels of EDHOC_KDF (RFC 9528, table 6). */
enum dg_edhoc_kdf_label {
    DG_EDHOC_KDF_KEYSTREAM_2 = 0,
    DG_EDHOC_KDF_SALT_3E2M = 1,
    DG_EDHOC_KDF_MAC_2 = 2,
    DG_EDHOC_KDF_K_3 = 3,
    DG_EDHOC_KDF_IV_3 = 4,
    DG_EDHOC_KDF_SALT_4E3M = 5,
    DG_EDHOC_KDF_MAC_3 = 6,
    DG_EDHOC_KDF_PRK_OUT = 7,
    DG_EDHOC_KDF_K_4 = 8,
    DG_EDHOC_KDF_IV_4 = 9,
    DG_EDHOC_KDF_PRK_EXPORTER = 10,
    DG_EDHOC_KDF_KEY_UPDATE = 11,
};

/* What MAC_2 and MAC_3 cover. */
struct dg_edhoc_context {
    dg_span connection; /* C_R as it travels; {NULL, 0} for MAC_3 */
    dg_span id_cred;
    dg_span cred;
    dg_span ead;
};

/** EDHOC_KDF: fill all of @p out.  The context is given in parts, at most 6. */
DG_NODISCARD enum dg_status dg_edhoc_kdf(const struct dg_crypto *crypto,
                                         const struct dg_secret *prk,
                                         uint16_t label,
                                         const dg_span *context,
                                         size_t count,
                                         dg_buf out);

/** TH_2 = H(G_Y, H(message_1)); @p th goes in as the latter. */
DG_NODISCARD enum dg_status dg_edhoc_th_2(const struct dg_crypto *crypto,
                                          const uint8_t g_y[DG_P256_SIZE],
                                          struct dg_hash *th);

/** TH_3 or TH_4 = H(TH, PLAINTEXT, CRED); @p th goes in as the one before. */
DG_NODISCARD enum dg_status dg_edhoc_th_next(const struct dg_crypto *crypto,
                                             dg_span plaintext,
                                             dg_span cred,
                                             struct dg_hash *th);

/** PRK_2e = Extract(TH_2, G_XY).  DG_E_RANGE: @p peer_x is no point. */
DG_NODISCARD enum dg_status dg_edhoc_prk_2e(const struct dg_crypto *crypto,
                                            const struct dg_hash *th_2,
                                            const struct dg_secret *own,
                                            const uint8_t peer_x[DG_P256_SIZE],
                                            struct dg_secret *prk);

/**
 * Mix a static Diffie-Hellman secret into the chain:
 * PRK_3e2m = Extract(SALT_3e2m, G_RX), PRK_4e3m = Extract(SALT_4e3m, G_IY).
 *
 * @param label        DG_EDHOC_KDF_SALT_3E2M or _4E3M.
 * @param[in,out] prk  PRK_2e or PRK_3e2m becomes the next one; wiped unless
 *                     DG_OK.
 */
DG_NODISCARD enum dg_status dg_edhoc_prk_mix(const struct dg_crypto *crypto,
                                             uint16_t label,
                                             const struct dg_hash *th,
                                             const struct dg_secret *own,
                                             const uint8_t peer_x[DG_P256_SIZE],
                                             struct dg_secret *prk);

/** MAC_2 or MAC_3: all of @p out, 8 or 16 bytes. */
DG_NODISCARD enum dg_status dg_edhoc_mac(const struct dg_crypto *crypto,
                                         const struct dg_secret *prk,
                                         uint16_t label,
                                         const struct dg_hash *th,
                                         const struct dg_edhoc_context *context,
                                         dg_buf out);

/** KEYSTREAM_2 over TH_2: XOR it into all of @p text. */
DG_NODISCARD enum dg_status dg_edhoc_xor_2(const struct dg_crypto *crypto,
                                           const struct dg_secret *prk_2e,
                                           const struct dg_hash *th_2,
                                           dg_buf text);

/* One AEAD message: which keys, under which transcript. */
struct dg_edhoc_aead {
    const struct dg_secret *prk; /* PRK_3e2m, or PRK_4e3m for message_4 */
    const struct dg_hash *th;    /* TH_3 or TH_4 */
    uint16_t label;              /* of K_3 or K_4; the IV's is one above */
    size_t tag_size;
};

/** Write message_3 or message_4: the sealed @p plain as a byte string.
 * DG_E_NO_SPACE: @p room is too small. */
DG_NODISCARD enum dg_status dg_edhoc_seal(const struct dg_crypto *crypto,
                                          const struct dg_edhoc_aead *aead,
                                          dg_span plain,
                                          dg_buf room,
                                          dg_span *message);

/** The reverse.  DG_E_AUTH: the tag does not hold.  DG_E_RANGE: shorter than
 * a tag, or the plaintext does not fit @p room.  DG_E_TRUNCATED,
 * DG_E_TRAILING, DG_E_MALFORMED: not one byte string. */
DG_NODISCARD enum dg_status dg_edhoc_open(const struct dg_crypto *crypto,
                                          const struct dg_edhoc_aead *aead,
                                          dg_span message,
                                          dg_buf room,
                                          dg_span *plain);

/** PRK_exporter, by way of PRK_out. */
DG_NODISCARD enum dg_status dg_edhoc_finish(const struct dg_crypto *crypto,
                                            const struct dg_secret *prk_4e3m,
                                            const struct dg_hash *th_4,
                                            struct dg_secret *prk_out,
                                            struct dg_secret *prk_exporter);

#endif
