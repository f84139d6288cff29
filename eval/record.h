/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RECORD_H
#define DG_EVAL_RECORD_H

#include "eval/catalogue.h"
#include "eval/run.h"

/* Tests run side by side and write into one run; these are the run's own
 * functions under one lock. */
void dg_record_line(struct dg_run *run,
                    struct dg_run_line **list,
                    const char *text);
void dg_record_reason(struct dg_run *run,
                      struct dg_run_test *test,
                      const char *text);
void dg_record_replay(struct dg_run *run,
                      struct dg_run_test *test,
                      const char *command);
void dg_record_sequence(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *sequence);
void dg_record_measure(struct dg_run *run,
                       struct dg_run_test *test,
                       const char *name,
                       int64_t value,
                       unsigned decimals,
                       const char *unit);
void dg_record_packet(struct dg_run *run,
                      struct dg_run_test *test,
                      uint64_t time_ms,
                      enum dg_run_direction direction,
                      const char *label,
                      dg_span bytes);
void dg_record_monitor(struct dg_run *run,
                       struct dg_run_test *test,
                       const char *name,
                       enum dg_run_verdict verdict,
                       const char *text);
void dg_record_path(struct dg_run *run,
                    struct dg_run_test *test,
                    const struct dg_catalogue_entry *entry);
void dg_record_figure(struct dg_run *run,
                      const char *id,
                      const char *caption,
                      const char *svg);
/** Keep the run still while it is written out. */
void dg_record_hold(void);
void dg_record_let_go(void);
/** Copy a text into the run. */
const char *dg_record_text(struct dg_run *run, const char *text);

#endif
