/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_HKDF_H
#define DG_CORE_HKDF_H

#include "dosegate/crypto.h"

/* HKDF-SHA-256 (RFC 5869).  The info is given in parts, so that long contexts
 * need no buffer. */
#define DG_HKDF_INFO_PARTS_MAX 8U
#define DG_HKDF_OUT_MAX        ((size_t)255U * DG_HASH_SIZE)

/** HKDF-Extract.  @p salt may be empty.  @p prk may be where @p salt or
 * @p secret lies.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_hkdf_extract(const struct dg_crypto *crypto,
                                            dg_span salt,
                                            dg_span secret,
                                            struct dg_secret *prk);

/** HKDF-Expand: fill all of @p out, 1 .. DG_HKDF_OUT_MAX bytes; wiped unless
 * DG_OK.
 * @retval DG_OK, DG_E_PORT, DG_E_USAGE (too long, too many parts). */
DG_NODISCARD enum dg_status dg_hkdf_expand(const struct dg_crypto *crypto,
                                           const struct dg_secret *prk,
                                           const dg_span *info,
                                           size_t count,
                                           dg_buf out);

#endif
