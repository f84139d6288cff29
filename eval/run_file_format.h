/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_FILE_FORMAT_H
#define DG_EVAL_RUN_FILE_FORMAT_H

/* What writer and reader of the run file share. */
#define DG_RUN_FORMAT           "dosegate-run-1"
#define DG_RUN_PURPOSE          "dosegate run 1"
#define DG_RUN_SECTIONS_MAX     4096U
#define DG_RUN_SECTION_NAME_MAX 72U

enum dg_run_manifest_key {
    DG_RUN_KEY_FORMAT = 1,
    DG_RUN_KEY_X = 2,
    DG_RUN_KEY_Y = 3,
    DG_RUN_KEY_SECTIONS = 4,
};

#endif
