/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#include "ports/psa/crypto_psa.h"

enum dg_status port_init(struct dg_crypto *crypto)
{
    return dg_crypto_psa_init(crypto);
}

void port_free(struct dg_crypto *crypto)
{
    dg_crypto_psa_free(crypto);
}
