/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_PORT_H
#define DG_TEST_PORT_H

#include "dosegate/crypto.h"

/* The crypto port under test.  port_openssl.c and port_psa.c each fill these,
 * so one test with its vectors runs over both. */
enum dg_status port_init(struct dg_crypto *crypto);
void port_free(struct dg_crypto *crypto);

#endif
