/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds_wire.h"

void dg_bounds_write(struct dg_cbor_writer *writer,
                     const struct dg_bounds *bounds)
{
    dg_cbor_write_array(writer, DG_BOUNDS);
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        dg_cbor_write_uint(writer, (uint64_t)bounds->value[bound]);
    }
}

void dg_bounds_read(struct dg_cbor_reader *reader, struct dg_bounds *bounds)
{
    if (dg_cbor_read_array(reader) != DG_BOUNDS) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        bounds->value[bound] =
            (int32_t)dg_cbor_read_uint_max(reader, (uint64_t)INT32_MAX);
    }
}
