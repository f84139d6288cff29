/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_BLACK_BOX_H
#define DG_EVAL_BLACK_BOX_H

#include "eval/session.h"

/* A product of which nothing is known but the address of its link: nobody has
 * written an adapter.  A stranger can be tried out on it.  Doses, buttons, keys
 * and power are out of reach, so no test can pass: where a stranger finds
 * something the product has failed, all else is inconclusive and says why. */

/** Judge an address: "udp:ADDRESS:PORT" in the ranges that are this machine's
 * or somebody's own network (RFC 1122, 1918, 3927); whatever is there is
 * attacked.
 *
 * @return NULL, or what is wrong with it, a sentence. */
const char *dg_black_box_refuses(const char *address);

/** Whether a stranger can try out a test at all; every other one is
 * inconclusive. */
bool dg_black_box_tries(const char *id);

/** Run one test; only the order's test is written, and its adapter is not
 * used. */
void dg_black_box_run(const struct dg_session_order *order,
                      const char *address);

#endif
