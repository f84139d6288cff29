/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_CODEC_H
#define DG_EVAL_RUN_CODEC_H

#include <stddef.h>

#include "dosegate/cbor.h"
#include "eval/arena.h"
#include "eval/run_shape.h"

/** Give every text of @p object the value "" and empty every other field. */
void dg_run_codec_clear(const struct dg_shape *shape, void *object);

/** Write @p object as one CBOR item; errors stick in @p writer. */
void dg_run_codec_write(struct dg_cbor_writer *writer,
                        const struct dg_shape *shape,
                        const void *object);

/**
 * Read one object from exactly these bytes, which may be hostile.
 *
 * @param      arena   Gets all texts and items.
 * @param      budget  Items that may still be made; falls with each.
 * @param[out] object  A cleared object; filled in part unless DG_OK.
 *
 * @retval DG_OK      Read; writing it again gives the same bytes.
 * @retval DG_E_PORT  Memory is out.
 * @retval others     As dg_cbor_reader_end(); DG_E_RANGE also for a text with
 *                    a zero byte and when the budget is used up.
 */
DG_NODISCARD enum dg_status dg_run_codec_read(dg_span bytes,
                                              const struct dg_shape *shape,
                                              struct dg_arena *arena,
                                              size_t *budget,
                                              void *object);

#endif
