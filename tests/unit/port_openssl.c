/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#include "ports/host/crypto_openssl.h"

enum dg_status port_init(struct dg_crypto *crypto)
{
    return dg_crypto_openssl_init(crypto);
}

void port_free(struct dg_crypto *crypto)
{
    dg_crypto_openssl_free(crypto);
}
