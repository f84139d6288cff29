/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_NEIGHBOUR_H
#define DG_ADAPTER_NEIGHBOUR_H

#include <jansson.h>

#include "eval/adapter/phone.h"

/* Another program of the same user on the phone: at the door that apps use, at
 * the trusted display, at the processes and files of the medical part.  The
 * contract is docs/adapter.md, operation "neighbour". */

/** Let it do what @p request says; the answer of the contract.
 * @p bin is where the phone's programs are. */
json_t *dg_neighbour_do(struct dg_bench_phone *phone,
                        const json_t *request,
                        const char *bin);

/** Close what it holds open, end what it runs. */
void dg_neighbour_end(void);

/** End the programs of "load" alone. */
void dg_neighbour_let_go(void);

/* Parts of neighbour.c, for its table only. */
json_t *dg_neighbour_reach(struct dg_bench_phone *phone,
                           const json_t *request,
                           const char *bin);
json_t *dg_neighbour_end_part(struct dg_bench_phone *phone,
                              const json_t *request,
                              const char *bin);
json_t *dg_neighbour_change(struct dg_bench_phone *phone,
                            const json_t *request,
                            const char *bin);
json_t *dg_neighbour_spoil(struct dg_bench_phone *phone,
                           const json_t *request,
                           const char *bin);
json_t *dg_neighbour_load(struct dg_bench_phone *phone,
                          const json_t *request,
                          const char *bin);
json_t *dg_neighbour_search(struct dg_bench_phone *phone,
                            const json_t *request,
                            const char *bin);

/** Give up all that root may and a plain user may not, for this program and
 * all that it starts: what a neighbour tries is then what an app could do, and
 * what the product is kept from is the same for everyone.  Nothing to do
 * without root. */
void dg_neighbour_become_plain(void);

#endif
