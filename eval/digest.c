/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/digest.h"

#include <stddef.h>

#include "crypto_openssl.h"
#include "eval/file.h"
#include "eval/hex.h"

#define PROGRAM_MAX (64U * 1024U * 1024U)

bool dg_digest_file(const char *path, char digest[65])
{
    struct dg_crypto crypto;
    struct dg_problem problem;
    struct dg_hash hash;
    dg_span bytes = {NULL, 0U};
    bool is_done = false;

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return false;
    }
    if (dg_file_read(path, PROGRAM_MAX, &bytes, &problem) == DG_OK) {
        is_done = crypto.sha256(crypto.context, &bytes, 1U, &hash) == DG_OK;
        dg_file_free(bytes);
    }
    if (is_done) {
        dg_hex_put(DG_SPAN_OF(hash.byte), digest);
    }
    dg_crypto_openssl_free(&crypto);
    return is_done;
}
