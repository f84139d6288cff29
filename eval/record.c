/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/record.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void dg_record_line(struct dg_run *run,
                    struct dg_run_line **list,
                    const char *text)
{
    (void)pthread_mutex_lock(&lock);
    dg_run_add_line(run, list, text);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_hold(void)
{
    (void)pthread_mutex_lock(&lock);
}

void dg_record_let_go(void)
{
    (void)pthread_mutex_unlock(&lock);
}

const char *dg_record_text(struct dg_run *run, const char *text)
{
    (void)pthread_mutex_lock(&lock);
    const char *copy = dg_run_text(run, text);

    (void)pthread_mutex_unlock(&lock);
    return copy;
}

void dg_record_reason(struct dg_run *run,
                      struct dg_run_test *test,
                      const char *text)
{
    (void)pthread_mutex_lock(&lock);
    test->reason = dg_run_text(run, text);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_replay(struct dg_run *run,
                      struct dg_run_test *test,
                      const char *command)
{
    (void)pthread_mutex_lock(&lock);
    test->replay_command = dg_run_text(run, command);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_sequence(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *sequence)
{
    (void)pthread_mutex_lock(&lock);
    test->sequence = dg_run_text(run, sequence);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_measure(struct dg_run *run,
                       struct dg_run_test *test,
                       const char *name,
                       int64_t value,
                       unsigned decimals,
                       const char *unit)
{
    (void)pthread_mutex_lock(&lock);
    dg_run_add_measure(run, test, name, value, decimals, unit);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_packet(struct dg_run *run,
                      struct dg_run_test *test,
                      uint64_t time_ms,
                      enum dg_run_direction direction,
                      const char *label,
                      dg_span bytes)
{
    (void)pthread_mutex_lock(&lock);
    dg_run_add_packet(run, test, time_ms, direction, label, bytes);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_monitor(struct dg_run *run,
                       struct dg_run_test *test,
                       const char *name,
                       enum dg_run_verdict verdict,
                       const char *text)
{
    (void)pthread_mutex_lock(&lock);
    dg_run_add_monitor(run, test, name, verdict, text);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_path(struct dg_run *run,
                    struct dg_run_test *test,
                    const struct dg_catalogue_entry *entry)
{
    (void)pthread_mutex_lock(&lock);
    (void)dg_catalogue_add_path(run, test, entry, DG_RATING_SUCCESSFUL);
    (void)pthread_mutex_unlock(&lock);
}

void dg_record_figure(struct dg_run *run,
                      const char *id,
                      const char *caption,
                      const char *svg)
{
    (void)pthread_mutex_lock(&lock);
    (void)dg_run_add_figure(run, id, caption, svg);
    (void)pthread_mutex_unlock(&lock);
}
