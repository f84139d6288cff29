/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_SHAPE_H
#define DG_EVAL_RUN_SHAPE_H

#include <stddef.h>
#include <stdint.h>

/* The form of every part of a run, as data: reader and writer of the run file
 * both walk it, so they cannot disagree.  One struct is one CBOR array with
 * its fields in the order written here.
 *
 * A struct grows at its end only.  Fields from `least` on came later: from the
 * last one that is not empty they are left out, so that an older file is read
 * and written as it was. */
enum dg_field_kind {
    DG_FIELD_TEXT,   /* const char *, never NULL */
    DG_FIELD_UINT,   /* uint64_t up to `max` */
    DG_FIELD_INT,    /* int64_t */
    DG_FIELD_BOOL,   /* bool */
    DG_FIELD_CHOICE, /* an enum, below `max` */
    DG_FIELD_LIST,   /* head of a list of `shape` */
};

struct dg_field {
    enum dg_field_kind kind;
    size_t offset;
    uint64_t max;
    const struct dg_shape *shape;
};

struct dg_shape {
    size_t size; /* of the struct */
    size_t count;
    size_t least; /* fields that were there from the beginning */
    const struct dg_field *fields;
};

/* Lists inside lists: run, test, path, choice. */
#define DG_SHAPE_DEPTH_MAX 4U

extern const struct dg_shape dg_shape_head;
extern const struct dg_shape dg_shape_product;
extern const struct dg_shape dg_shape_test;
extern const struct dg_shape dg_shape_figure;
extern const struct dg_shape dg_shape_calibrations; /* over struct dg_run */

#endif
