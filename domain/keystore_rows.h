/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KEYSTORE_ROWS_H
#define DG_KEYSTORE_ROWS_H

#include "keystore.h"

/* Every kind of place there is.  A new one is a row here and a scheme in
 * keystore.c; a phone's own secure element would be one. */
extern const struct dg_keystore_row dg_keystore_file_row;
extern const struct dg_keystore_row dg_keystore_tpm_row;
extern const struct dg_keystore_row dg_keystore_pkcs11_row;

#endif
