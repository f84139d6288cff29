/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CONSTANT_TIME_PORT_H
#define DG_CONSTANT_TIME_PORT_H

#include "dosegate/crypto.h"

/** Crypto that keeps the marks of secrets: see port.c. */
void ct_port(struct dg_crypto *crypto);

#endif
